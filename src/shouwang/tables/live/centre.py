"""Where a centre keeps its secrets and sockets, and its database under plain SQL."""
from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

from shouwang.engine.errors import ShouwangError

from .turn import Turn


class Centre(Protocol):
    """Anything that knows a centre's folder and its database's address."""

    @property
    def data(self) -> Path: ...
    @property
    def database_url(self) -> str: ...


@dataclass(frozen=True)
class Folder:
    """A centre named by its folder and database address: sqlite:///FILE or postgres://USER@HOST/NAME."""

    data: Path
    database_url: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Folder:
        data = Path(env.get("SHOUWANG_DATA", "data/centre")).resolve()
        return cls(data, env.get("SHOUWANG_DATABASE_URL", f"sqlite://{data / 'desk.sqlite3'}"))


def sqlite_file(url: str) -> Path | None:
    """The file of an sqlite:// address, None for another kind."""
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "sqlite" else None


def secret(data: Path, name: str) -> str:
    """A random secret of this centre, made at first use, kept outside the data that is backed up."""
    path = data / "secret" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f".{name}-{os.getpid()}-{secrets.token_hex(4)}")
        with open(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)  # whole or not at all: nobody reads half a secret
        except FileExistsError:  # another process of this centre was first
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()


@lru_cache(maxsize=64)
def socket_path(data: Path, name: str) -> str:
    """A socket of this centre on this machine, in a folder that only its owner can enter. Not in the centre's
    own folder: the kernel takes paths of 107 bytes only."""
    folder = Path(tempfile.gettempdir()) / f"shouwang-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise ShouwangError(f"{folder} is open to others; remove it or set TMPDIR to another folder")
    centre = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:12]
    return str(folder / f"{centre}-{name}.sock")


def wake_path(data: Path, reader: str) -> str:
    """The datagram socket on which a reader of the log (wire, worker) is woken."""
    return socket_path(data, reader)


class Database:
    """One connection under plain SQL, with `?` for values, on SQLite and PostgreSQL alike. Statements commit
    by themselves outside `transaction`. Not for use by two threads at once."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        file = sqlite_file(url)
        self.is_sqlite = file is not None
        self._turn = Turn(file) if file else None
        if file is not None:
            self._connection: Any = sqlite3.connect(file, timeout=20, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA query_only=ON" if read_only else "PRAGMA journal_mode=WAL")
        else:
            import psycopg  # only centres on PostgreSQL load its driver
            self._connection = psycopg.connect(url, autocommit=True)
            self._connection.read_only = read_only

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self._connection.execute(self._placed(sql), values).fetchall()
        return found

    def run(self, sql: str, values: Sequence[object] = ()) -> int:
        """Runs one statement. Returns the number of rows it changed."""
        changed: int = self._connection.execute(self._placed(sql), values).rowcount
        return changed

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        self._connection.cursor().executemany(self._placed(sql), rows)

    def columns(self, table: str) -> list[str]:
        """The names of a table's columns."""
        return [c[0] for c in self._connection.execute(f"SELECT * FROM {table} LIMIT 0").description]  # noqa: S608 - ours

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """For writing: on SQLite it waits here for its turn."""
        with self._turn or nullcontext():
            self._connection.execute("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def time(self, at: datetime) -> object:
        """A moment as desk's tables hold it."""
        return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f") if self.is_sqlite else at

    def uuid(self, key: UUID) -> object:
        """An id as desk's tables hold it."""
        return key.hex if self.is_sqlite else key

    def close(self) -> None:
        self._connection.close()
        if self._turn:
            self._turn.close()

    def _placed(self, sql: str) -> str:
        return sql if self.is_sqlite else sql.replace("?", "%s")
