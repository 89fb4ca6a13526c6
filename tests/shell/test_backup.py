"""Backup and restore of a real centre, while it is written to; and the audit's commands on it."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing, suppress
from pathlib import Path

import pytest
from shell.conftest import SCRIPT, Centre

from live import own_database


@pytest.fixture(scope="module")
def archive(made: Centre, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup taken while another process writes without pause."""
    file = tmp_path_factory.mktemp("backups") / "a.tar.gz"
    with writer(made) as process:
        done = made.shouwang("backup", str(file), "--json")
        process.stdout.readline()
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["seq"] >= 55
    assert told["seq"] < made.script("count")[4], "it was written to on the way"
    return file


class writer:
    def __init__(self, centre: Centre) -> None:
        self.centre = centre

    def __enter__(self) -> subprocess.Popen[str]:
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT), "write"], env=self.centre.env, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        for _n in range(5):
            self.process.stdout.readline()
        return self.process

    def __exit__(self, *rest: object) -> None:
        self.process.kill()
        with suppress(Exception):
            self.process.communicate(timeout=10)


@pytest.fixture
def fresh(made: Centre, tmp_path: Path) -> Centre:
    """An empty folder that holds the centre's secrets, as a new machine after a disaster."""
    centre = Centre(tmp_path / "new", own_database("fresh"))
    centre.data.mkdir()
    shutil.copytree(made.data / "secret", centre.data / "secret")
    return centre


def test_the_backup_holds_neither_keys_nor_sessions(made: Centre, archive: Path, tmp_path: Path) -> None:
    with tarfile.open(archive) as tar:
        names = tar.getnames()
        tar.extractall(tmp_path, filter="data")
    assert not [n for n in names if "secret" in n or "keys" in n or n.endswith(".key")]
    assert {"history/a.parquet", "streets/a.parquet", "checkpoints.jsonl", "manifest.json"} <= set(names)
    assert oct(archive.stat().st_mode & 0o777) == "0o600"
    raw = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    for secret in (made.data / "secret").glob("*.key"):
        assert secret.read_bytes() not in raw
    assert b"reason 7" not in raw
    assert b"-90.3" not in raw, "tracks are sealed"
    if made.on_sqlite:
        with closing(sqlite3.connect(tmp_path / "desk.sqlite3")) as db:
            assert db.execute("SELECT count(*) FROM django_session").fetchone() == (0,)
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_restored_centre_has_everything_up_to_the_backup_and_verifies(archive: Path, fresh: Centre) -> None:
    done = fresh.shouwang("restore", str(archive), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["intact"]
    events, readable, positions, sessions, head = fresh.script("count")
    assert events >= 55
    assert readable == events
    assert positions == 2
    assert sessions == 0
    assert head == told["seq"] + 1, "the restore itself is an event"
    assert (fresh.data / "history" / "a.parquet").read_bytes() == b"columns"
    verified = fresh.shouwang("audit", "verify", "--outside", str(fresh.data / "checkpoints.jsonl"), "--json")
    assert verified.returncode == 0, verified.stdout
    assert json.loads(verified.stdout)["protected"] == head


def test_what_was_deleted_since_the_backup_stays_deleted(made: Centre, archive: Path, fresh: Centre) -> None:
    assert fresh.shouwang("restore", str(archive)).returncode == 0
    fresh.script("delete")
    events, readable, *_rest = fresh.script("count")
    assert readable == events - 1
    shutil.rmtree(fresh.data / "secret")  # an old copy of the keys is put back, together with the old data
    shutil.copytree(made.data / "secret", fresh.data / "secret")
    refused = fresh.shouwang("restore", str(archive))
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    done = fresh.shouwang("restore", str(archive), "--force", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["track_parts_unreadable"] == 1
    events, readable, positions, *_rest = fresh.script("count")
    assert readable == events - 1
    assert positions == 1


def test_an_old_backup_without_keys_gives_no_words_away(archive: Path, tmp_path: Path) -> None:
    stranger = Centre(tmp_path / "stranger", own_database("fresh"))
    done = stranger.shouwang("restore", str(archive))
    assert done.returncode == 0, done.stderr
    events, readable, positions, *_rest = stranger.script("count")
    assert events >= 55
    assert (readable, positions) == (0, 0)


def test_a_broken_file_is_refused_in_words(archive: Path, fresh: Centre, tmp_path: Path) -> None:
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(archive.read_bytes()[:2000])
    for file, text in ((cut, "cut off"), (tmp_path / "none.tar.gz", "no backup")):
        done = fresh.shouwang("restore", str(file))
        assert done.returncode == 2
        assert text in done.stderr
        assert "Traceback" not in done.stderr
    damaged = tmp_path / "damaged"
    with tarfile.open(archive) as tar:
        tar.extractall(damaged, filter="data")
    (damaged / "streets" / "a.parquet").write_bytes(b"others!")
    with tarfile.open(tmp_path / "damaged.tar.gz", "w:gz") as tar:
        tar.add(damaged, arcname=".")
    done = fresh.shouwang("restore", str(tmp_path / "damaged.tar.gz"))
    assert done.returncode == 2
    assert "streets/a.parquet" in done.stderr
    assert sorted(p.name for p in fresh.data.iterdir()) == ["secret"]


def test_backup_into_a_folder_is_named_by_the_time_and_errors_are_one_line(made: Centre, tmp_path: Path) -> None:
    assert made.shouwang("backup", str(tmp_path)).returncode == 0
    assert [p.name.startswith("shouwang-2") for p in tmp_path.iterdir()] == [True]
    bad = made.shouwang("backup", str(tmp_path / "no" / "such" / "b.tar.gz"))
    assert bad.returncode == 2
    assert "Make it first" in bad.stderr
    if made.on_sqlite:
        none = Centre(tmp_path / "nothing")
        assert none.shouwang("backup", str(tmp_path / "b.tar.gz")).returncode == 2


def test_a_running_centre_is_not_restored_over(archive: Path, fresh: Centre) -> None:
    import fcntl

    with (fresh.data / "running.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = fresh.shouwang("restore", str(archive), "--force")
    assert done.returncode == 2
    assert "running" in done.stderr
