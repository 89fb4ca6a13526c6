"""`shouwang restore`: puts a backup in place, deletes again what had been deleted since, and verifies the log."""
from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import sys
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shouwang.engine.errors import BadInput, Fault

from ._io import say
from .backup import FOLDERS, FORMAT, run_postgres
from .centre import DATA, is_running, open_centre

# What may lie in an otherwise empty folder: it belongs to the centre, not to its data.
KEPT = {"secret", "deletions.txt", "checkpoints.jsonl", "running.lock", "static", "error.log"}
REPLACED = ("desk.sqlite3", "desk.sqlite3-wal", "desk.sqlite3-shm", "tracks.sqlite3", "tracks.sqlite3-wal",
            "tracks.sqlite3-shm", "migrated", *FOLDERS)
BROKEN = 1


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@DATA
@click.option("--force", is_flag=True, help="Replace the data of a centre that stands there.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def restore(file: Path, data: Path, force: bool, as_json: bool) -> None:
    """Restore a backup.

    Refuses a folder with data unless --force is given, and a centre that runs. Deletions made since the backup are
    made again before the centre opens. Exit 1: restored, but the log does not verify.
    """
    data = data.resolve()
    with tempfile.TemporaryDirectory(dir=_ground(data), prefix=".shouwang-restore-") as scratch:
        manifest = unpack(file, Path(scratch))
        _check_target(data, manifest, force)
        _put_in_place(Path(scratch), data, manifest)
        tracks = sorted(Path(scratch).glob("tracks/*/*.sealed"))
        told = _open_again(data, manifest, tracks)
    if as_json:
        click.echo(json.dumps(told))
    else:
        click.echo(f"Restored to entry {told['seq']} of {manifest['at']}; deleted again: {told['deleted']}; "
                   f"log {'whole' if told['intact'] else 'BROKEN'}")
    if not told["intact"]:
        sys.exit(BROKEN)


def unpack(file: Path, into: Path) -> dict[str, Any]:
    """Unpacks into an empty folder what the manifest names, each part checked. Raises BadInput with every fault."""
    try:
        with tarfile.open(file, "r:*") as tar:
            tar.extractall(into, filter="data")
        manifest: dict[str, Any] = json.loads((into / "manifest.json").read_text())
        wanted = dict(manifest["files"])
    except (OSError, EOFError, tarfile.TarError, ValueError, KeyError) as error:
        raise BadInput([Fault("FILE", f"This is no backup, or it is cut off ({type(error).__name__})", str(file),
                              "Name a file that `shouwang backup` wrote.")]) from None
    if manifest["format"] > FORMAT:
        raise BadInput([Fault("FILE", "It was written by a newer version", manifest["format"],
                              "Restore it with that version.")])
    faults = []
    for name, digest in wanted.items():
        path = into / name
        if not path.is_file():
            faults.append(Fault(str(file), "A part is missing", name, "Take another backup."))
            continue
        with path.open("rb") as part:
            if hashlib.file_digest(part, "sha256").hexdigest() != digest:
                faults.append(Fault(str(file), "A part is damaged", name, "Take another backup."))
    if faults:
        raise BadInput(faults)
    return manifest


def _ground(data: Path) -> Path:
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput([Fault("--data", f"The folder cannot be made ({error.strerror})", str(data),
                              "Name one that you may write.")]) from None
    return data


def _check_target(data: Path, manifest: dict[str, Any], force: bool) -> None:
    faults = []
    left = sorted(p.name for p in data.iterdir() if p.name not in KEPT and not p.name.startswith("."))
    if left and not force:
        faults.append(Fault("--data", "The folder is not empty", ", ".join(left[:4]),
                            "Name another one, or add --force to replace what is there."))
    if is_running(data):
        faults.append(Fault("--data", "A centre is running on this folder", str(data), "Stop it first."))
    open_centre(data, may_be_empty=True)
    from django.conf import settings
    ours = "desk.sqlite3" if settings.CONFIG.sqlite_path else "desk.dump"
    if manifest["database"] != ours:
        faults.append(Fault("FILE", "It is of another kind of database", manifest["database"],
                            "Set or unset SHOUWANG_DATABASE_URL to match."))
    if faults:
        raise BadInput(faults)


def _put_in_place(scratch: Path, data: Path, manifest: dict[str, Any]) -> None:
    from django.conf import settings
    from django.db import connections
    connections.close_all()
    for name in REPLACED:
        path = data / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    for folder in FOLDERS:
        if (scratch / folder).is_dir():
            shutil.move(scratch / folder, data / folder)
    if not (data / "checkpoints.jsonl").exists() and (scratch / "checkpoints.jsonl").exists():
        shutil.move(scratch / "checkpoints.jsonl", data)
    if settings.CONFIG.sqlite_path:
        shutil.move(scratch / "desk.sqlite3", settings.CONFIG.sqlite_path)
        return
    url = settings.CONFIG.database_url
    for schema in ("public", "live"):
        run_postgres(["psql", "-q", "-c", f"DROP SCHEMA IF EXISTS {schema} CASCADE"], url)
    run_postgres(["psql", "-q", "-c", "CREATE SCHEMA public"], url)
    run_postgres(["pg_restore", "--no-owner", "--dbname", str(settings.DATABASES["default"]["NAME"]),
                  str(scratch / "desk.dump")], url)


def _open_again(data: Path, manifest: dict[str, Any], tracks: list[Path]) -> dict[str, Any]:
    """Brings the tables up to date, repeats deletions, writes down that it was restored, and verifies the log."""
    from django.core.management import call_command
    from django.utils import timezone

    from shouwang.desk.log import retention, sealing
    from shouwang.desk.log.actor import system
    from shouwang.desk.log.seal import keys
    from shouwang.desk.log.verify import verify
    from shouwang.desk.log.writing import writing

    call_command("migrate", verbosity=0, interactive=False)
    say("Deleting again what was deleted since …")
    keys_gone = keys().destroy_again()
    unread = _restore_tracks(tracks)
    now = timezone.now()
    made = sealing.seal_up_to_now(now)
    root = made or sealing.newest()
    if root is not None:  # later checkpoints belong to the history that is gone
        for path in sealing.checkpoint_files():
            sealing.write_root(path, sealing.Root(root.size, root.root, root.at, restored=True))
    with writing(actor=system("restore"), now=now) as log:
        log.append("log.restored", subject=("log", "all"),
                   payload={"backup_at": manifest["at"], "backup_seq": manifest["seq"]})
    deleted = retention.delete_due(now)
    sealing.seal_up_to_now(now)
    say("Verifying the log …")
    report = verify()
    return {"seq": manifest["seq"], "at": datetime.now(UTC).isoformat(timespec="seconds"), "intact": report.intact,
            "deleted": sum(deleted.values()) + keys_gone, "track_parts_unreadable": unread}


def _restore_tracks(parts: list[Path]) -> int:
    """Writes back the tracks whose day's key still exists; returns how many parts stay sealed for ever."""
    from django.conf import settings

    from shouwang.desk.log.seal import keys
    from shouwang.desk.workflow.retention import TRACK_COPY
    from shouwang.tables.live import Position
    from shouwang.tables.live.tracks import TrackStore
    store, unread = TrackStore(settings.CONFIG), 0
    try:
        for part in parts:
            day, sealed = part.parent.name, part.read_bytes()
            key = keys().get(TRACK_COPY + day)
            if key is None:
                unread += 1
                continue
            rows = json.loads(gzip.decompress(AESGCM(key).decrypt(sealed[:12], sealed[12:], day.encode())))
            store.write(Position(*row) for row in rows)
    finally:
        store.close()
    return unread
