"""`shouwang backup`: one file with everything a centre needs to go on, taken while it runs.

What is not in it: keys and secrets (the folder secret/, to be kept elsewhere), open sessions, counted sign-in failures.
Sealed words stay sealed. Tracks are sealed too, under a key per day that is destroyed after their 30 days: from then on
no backup gives them away.
"""
from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import click
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shouwang.engine.errors import BadInput, Fault

from ._io import say
from .centre import DATA, open_centre

FORMAT = 1
FOLDERS = ("history", "forecasts", "streets", "map", "photos")
NOT_KEPT = ("django_session", "axes_accessattemptexpiration", "axes_accessattempt", "axes_accesslog",
            "axes_accessfailurelog")
TRACK_ROWS = 100_000  # positions in one sealed part


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@DATA
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def backup(target: Path, data: Path, as_json: bool) -> None:
    """Write a backup of a live centre.

    TARGET is a file, or a folder that gets a file named by the time. Keys are not in it: keep a copy of the
    folder secret/ elsewhere, for without it sealed words in the backup stay unreadable.
    """
    open_centre(data)
    now = datetime.now(UTC)
    file = target / f"shouwang-{now:%Y%m%dT%H%M%SZ}.tar.gz" if target.is_dir() else target
    manifest = write_backup(file, now=now)
    size_mb = file.stat().st_size / 2**20
    if as_json:
        click.echo(json.dumps({"file": str(file), "bytes": file.stat().st_size, "seq": manifest["seq"],
                               "files": len(manifest["files"])}))
    else:
        click.echo(f"{file}: {size_mb:.1f} MB, log up to entry {manifest['seq']}")


def write_backup(file: Path, *, now: datetime) -> dict[str, Any]:
    """Writes the backup beside its name and puts it in place whole. Returns its manifest."""
    if not file.parent.is_dir():
        raise BadInput([Fault("TARGET", "There is no such folder", str(file.parent), "Make it first.")])
    part = file.with_name(f".{file.name}.part")
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".shouwang-") as scratch, \
                open(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600), "wb") as out:
            manifest = _fill(out, Path(scratch), now)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    except OSError as error:
        raise BadInput([Fault("TARGET", f"The backup could not be written ({error.strerror})", str(file),
                              "Free space or name another place.")]) from None
    finally:
        part.unlink(missing_ok=True)
    return manifest


def _fill(out: Any, scratch: Path, now: datetime) -> dict[str, Any]:
    from django.conf import settings
    config = settings.CONFIG
    manifest: dict[str, Any] = {"format": FORMAT, "at": now.isoformat(timespec="seconds"),
                                "files": {}}
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=3) as tar:
        if config.sqlite_path:
            say("Copying the database …")
            name, manifest["seq"] = _copy_sqlite(config.sqlite_path, scratch)
        else:
            say("Dumping the database …")
            name, manifest["seq"] = _dump_postgres(config.database_url, scratch)
        manifest["database"] = name
        _add(tar, manifest, scratch / name, name)
        if (roots := config.data / "checkpoints.jsonl").exists():
            shutil.copy(roots, scratch / roots.name)
            _add(tar, manifest, scratch / roots.name, roots.name)
        for folder in FOLDERS:
            for path in sorted(p for p in (config.data / folder).rglob("*") if p.is_file()):
                _add(tar, manifest, path, path.relative_to(config.data).as_posix())
        say("Sealing the tracks …")
        for name, sealed in _tracks(config, now):
            _add_bytes(tar, manifest, sealed, name)
        _add_bytes(tar, {"files": {}}, json.dumps(manifest, indent=1).encode(), "manifest.json")
    return manifest


def _copy_sqlite(source: Path, scratch: Path) -> tuple[str, int]:
    """A consistent copy while others write (SQLite's online backup), without what may not be kept."""
    copy = scratch / "desk.sqlite3"
    with closing(sqlite3.connect(source, timeout=60)) as live, closing(sqlite3.connect(copy)) as db:
        live.backup(db)
        db.execute("PRAGMA journal_mode=DELETE")
        db.execute("PRAGMA secure_delete=ON")
        there = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table in NOT_KEPT:
            if table in there:
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours
        db.commit()
        db.execute("VACUUM")
        row = db.execute("SELECT seq FROM log_head").fetchone()
    return copy.name, row[0] if row else 0


def _dump_postgres(url: str, scratch: Path) -> tuple[str, int]:
    if not shutil.which("pg_dump"):
        raise BadInput([Fault("pg_dump", "A centre on PostgreSQL is backed up with it, and it is not installed", None,
                              "Install Debian's package postgresql-client.")])
    import psycopg

    dump = scratch / "desk.dump"
    with psycopg.connect(url) as db:
        # One snapshot for the dump and for the number of its newest entry.
        db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        found = db.execute("SELECT pg_export_snapshot(), coalesce((SELECT max(seq) FROM log_head), 0)").fetchone()
        assert found is not None
        command = ["pg_dump", "--format=custom", "--no-owner", "--exclude-schema=live", f"--file={dump}"]
        command += [f"--snapshot={found[0]}", *(f"--exclude-table-data={table}" for table in NOT_KEPT)]
        run_postgres(command, url)
    return dump.name, int(found[1])


def run_postgres(command: list[str], url: str) -> str:
    """Runs one of PostgreSQL's own programs on the centre's database. Raises BadInput with its last words."""
    parts = urlsplit(url)
    env = {**os.environ, "PGDATABASE": unquote(parts.path.lstrip("/")), "PGUSER": unquote(parts.username or ""),
           "PGHOST": parts.hostname or "", "PGPORT": str(parts.port or 5432)}
    if parts.password:
        env["PGPASSWORD"] = unquote(parts.password)
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode:
        raise BadInput([Fault(command[0], "It failed", (done.stderr.strip().splitlines() or ["?"])[-1],
                              "Its version must be at least that of the server.")])
    return done.stdout.strip()


def _tracks(config: Any, now: datetime) -> Iterator[tuple[str, bytes]]:
    """Each day's positions as sealed parts: tracks/2026-11-22/0.sealed."""
    from shouwang.desk.workflow.settings import get
    from shouwang.tables.live.tracks import TrackStore
    store = TrackStore(config)
    try:
        units = list(store.units())
        for back in range(get("track_days") + 1):
            day = (now - timedelta(days=back)).date()
            start_ms = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
            rows = [p for unit in units for p in store.of(unit, start_ms, start_ms + 86_400_000)]
            for part, first in enumerate(range(0, len(rows), TRACK_ROWS)):
                text = gzip.compress(json.dumps(rows[first:first + TRACK_ROWS]).encode(), 3)
                yield f"tracks/{day}/{part}.sealed", seal_tracks(day.isoformat(), text)
    finally:
        store.close()


def seal_tracks(day: str, text: bytes) -> bytes:
    from shouwang.desk.log.seal import keys
    from shouwang.desk.workflow.retention import TRACK_COPY
    nonce = os.urandom(12)
    return nonce + AESGCM(keys().get_or_make(TRACK_COPY + day)).encrypt(nonce, text, day.encode())


def _add(tar: tarfile.TarFile, manifest: dict[str, Any], path: Path, name: str) -> None:
    with path.open("rb") as file:
        manifest["files"][name] = hashlib.file_digest(file, "sha256").hexdigest()
    tar.add(path, arcname=name, recursive=False, filter=_plain)


def _add_bytes(tar: tarfile.TarFile, manifest: dict[str, Any], content: bytes, name: str) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o600
    manifest["files"][name] = hashlib.sha256(content).hexdigest()
    tar.addfile(info, io.BytesIO(content))


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mode = 0o600
    return info
