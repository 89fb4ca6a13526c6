"""The live process on a real port beside the test's own database, and readers of its streams."""
from __future__ import annotations

import json
import queue
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings
from django.db import connection
from served import WAIT_S, Served

from shouwang.desk.log.actor import system
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.writing import Log, writing
from shouwang.tables.live import Folder, Ticket, sign_ticket
from shouwang.tables.live.centre import Database
from shouwang.tables.live.tracks import close_connections
from shouwang.wire.app import Wire

EVER = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


def at(**ago: float) -> str:
    return (datetime.now(UTC) - timedelta(**ago)).isoformat()


def until(found: Any) -> Any:
    """Waits for what another thread brings about."""
    end_s = time.monotonic() + WAIT_S
    while not (value := found()):
        assert time.monotonic() < end_s, "it did not come"
        time.sleep(0.02)
    return value


class OnDuty:
    """P02 (area t/2/) on duty for two hours, known to the live process."""

    def __init__(self, live: Any, unit: str, write: Any) -> None:
        from shouwang.desk.units.models import Duty
        self.unit, self._live, self._write = unit, live, write
        self._row = Duty(unit_id=unit, user=new_id(), on_at=datetime.now(UTC) - timedelta(hours=2))
        self.ticket = live.ticket("member", unit=unit)
        self.begin(self._row.on_at)

    def begin(self, on_at: datetime) -> None:
        self._row.on_at = on_at
        self._tell("unit.clocked_on")
        since_ms = int(on_at.timestamp() * 1000)
        until(lambda: self._known() is not None and self._known().since_ms == since_ms)

    def end(self) -> None:
        self._row.off_at = datetime.now(UTC)
        self._tell("unit.clocked_off")
        until(lambda: self._known() is None)

    def _known(self) -> Any:
        return self._live.wire.positions.on_duty.get(self.unit)

    def _tell(self, kind: str) -> None:
        self._row.save()
        self._write(kind, subject=("unit", self.unit), area="t/2/", may="position.live")


@pytest.fixture
def duty(live: Any, units: dict[str, str], write: Any) -> OnDuty:
    return OnDuty(live, units["P02"], write)


class Reader:
    """Reads one stream on a thread: `wait("event")` gives the next message of that name."""

    def __init__(self, url: str, **options: Any) -> None:
        self.answer = requests.get(url, stream=True, timeout=WAIT_S, **options)
        self._messages: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        if self.answer.status_code == 200:
            self._thread.start()

    def _read(self) -> None:
        name, ids = "", ""
        try:
            for line in self.answer.iter_lines(chunk_size=1, decode_unicode=True):
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("id: "):
                    ids = line[4:]
                elif line.startswith("data: "):
                    self._messages.put((name, json.loads(line[6:])))
                elif line.startswith(":"):
                    self._messages.put(("beat", ids))
        except (requests.RequestException, AttributeError):  # cut off, or closed by the test
            pass
        self._messages.put(("closed", None))

    def wait(self, name: str) -> Any:
        until_s = time.monotonic() + WAIT_S
        while True:
            found, data = self._messages.get(timeout=max(0.01, until_s - time.monotonic()))
            if found == name:
                return data
            assert found != "closed", f"the stream was closed before {name}"

    def so_far(self, name: str) -> list[Any]:
        found = []
        while not self._messages.empty():
            got, data = self._messages.get()
            found += [data] if got == name else []
        return found

    def close(self) -> None:
        self.answer.close()


class Live:
    """The running live process, with what a test does to it."""

    def __init__(self, centre: Folder, tls: ssl.SSLContext | None = None, **options: Any) -> None:
        self.centre = centre
        self.wire = Wire(centre, scheme="https" if tls else "http", **options)
        self._served = Served(self.wire.app(), tls=tls)
        self.url = self._served.url
        self.on_loop = self._served.on_loop
        self._readers: list[Reader] = []

    def ticket(self, user: str = "u1", *, life_s: float = 300.0, seq: int | None = None, unit: str = "",
               **grants: str) -> str:
        """`call_view="t/1/"`: the permission call.view in that area."""
        held = {may.replace("_", "."): (area,) for may, area in grants.items()}
        head = self.head() if seq is None else seq
        return sign_ticket(self.centre.data, Ticket(user, time.time() + life_s, head, held, unit))

    def head(self) -> int:
        from shouwang.desk.log import facts
        return facts.head()

    def read(self, ticket: str, *, after: int | None = None, greeting: str = "hello") -> Reader:
        """Opens a stream once the process has told all that was written so far."""
        until_s = time.monotonic() + WAIT_S
        while self.wire.hub.cursor < self.head() and time.monotonic() < until_s:
            time.sleep(0.01)
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        reader = Reader(f"{self.url}/live", params={"ticket": ticket}, headers=headers)
        self._readers.append(reader)
        if reader.answer.status_code == 200:
            reader.start = reader.wait(greeting)["seq"]
        return reader

    def report(self, ticket: str, positions: Any) -> requests.Response:
        return requests.post(f"{self.url}/positions", json={"positions": positions}, timeout=WAIT_S,
                             headers={"Authorization": f"Bearer {ticket}"})

    def close(self) -> None:
        self._served.close()
        for reader in self._readers:
            reader.close()


def database_url() -> str:
    """The test's own database, as the live process is told it."""
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite://{known['NAME']}"
    return f"postgres://{known['USER']}@{known['HOST']}:{known['PORT']}/{known['NAME']}"


@pytest.fixture
def centre(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folder]:
    monkeypatch.setattr(settings, "CONFIG", replace(settings.CONFIG, data=tmp_path))
    url = database_url()
    yield Folder(tmp_path, url)
    close_connections()
    if not url.startswith("sqlite"):
        database = Database(url)
        database.run("DROP SCHEMA IF EXISTS live CASCADE")
        database.close()


@pytest.fixture
def start(centre: Folder) -> Iterator[Callable[..., Live]]:
    """Starts a live process on the centre; ended with the test."""
    started: list[Live] = []

    def begin(**options: Any) -> Live:
        started.append(Live(centre, **options))
        return started[-1]
    yield begin
    for one in started:
        one.close()


@pytest.fixture
def live(start: Callable[..., Live]) -> Live:
    return start()


@pytest.fixture
def units(centre: Folder) -> dict[str, str]:
    """Code → id of two units, in t/1/ and t/2/, nobody on duty."""
    from shouwang.desk.units.models import Unit, UnitKind
    kind = UnitKind.objects.create(code="patrol_car", zh="巡逻车", en="Patrol car", service="police", letter="巡",
                                   moves="mobile")
    return {code: str(Unit.objects.create(code=code, zh=code, en=code, kind=kind, area=area, lon=-90.2, lat=38.6,
                                          state_since=datetime.now(UTC)).id)
            for code, area in (("P01", "t/1/"), ("P02", "t/2/"))}


@pytest.fixture
def write() -> Callable[..., int]:
    """Writes one event as the desk does. Returns its number."""
    def written(kind: str = "call.taken", subject: tuple[str, str] = ("call", "c1"), area: str = "t/1/",
                may: str = "call.view", do: Callable[[Log], None] = lambda log: None, at: datetime | None = None,
                **rest: Any) -> int:
        from shouwang.desk.log import facts
        with writing(actor=system("test"), now=at or datetime.now(UTC)) as log:
            log.append(kind, subject=subject, area=area, may=may, **rest)
            do(log)
        return facts.head()
    return written
