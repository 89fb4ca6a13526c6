"""Run inside a centre by the tests of backup and audit: `python centre_script.py WHAT`."""

import sys
import time
from datetime import UTC, datetime, timedelta

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402

from shouwang.desk.log.actor import system  # noqa: E402
from shouwang.desk.log.models import Event, Reason  # noqa: E402
from shouwang.desk.log.reasons import read_reasons  # noqa: E402
from shouwang.desk.log.seal import keys  # noqa: E402
from shouwang.desk.log.sealing import seal_up_to_now  # noqa: E402
from shouwang.desk.log.writing import writing  # noqa: E402
from shouwang.tables.live import Position, tracks_of  # noqa: E402
from shouwang.tables.live.tracks import TrackStore  # noqa: E402

UNIT = "0190aaaa-0000-7000-8000-000000000001"


def note(text: str) -> str:
    with writing(actor=system("test"), now=datetime.now(UTC)) as log:
        return str(log.append("access.words_read", subject=("call", "1"), payload={"n": len(text)}, reason=text))


def make() -> None:
    from shouwang.desk import setup

    setup.load_rules()
    for n in range(50):
        note(f"reason {n}")
    seal_up_to_now(datetime.now(UTC))
    session = SessionStore()
    session["secret"] = "cookie"
    session.save()
    now_ms = int(time.time() * 1000)
    old_ms = int((datetime.now(UTC) - timedelta(days=5)).timestamp() * 1000)
    TrackStore(settings.CONFIG).write([Position(UNIT, now_ms, -90.2, 38.6), Position(UNIT, old_ms, -90.3, 38.7)])
    for folder in ("history", "streets"):
        (settings.CONFIG.data / folder).mkdir()
        (settings.CONFIG.data / folder / "a.parquet").write_bytes(b"columns")


def write() -> None:
    """Writes until it is ended; says each number once it is committed."""
    n = 0
    while True:
        note(f"live {n}")
        n += 1
        print(n, flush=True)
        if n % 10 == 0:
            seal_up_to_now(datetime.now(UTC))


def delete() -> None:
    """Destroys the words of the first event and the tracks' key of five days ago, as the schedule would."""
    first = str(Event.objects.filter(kind="access.words_read").order_by("seq").first().id)
    keys().destroy([first, f"tracks/{(datetime.now(UTC) - timedelta(days=5)).date()}"])
    Reason.objects.filter(event=first).delete()


def count() -> None:
    events = Event.objects.filter(kind="access.words_read").order_by("seq")
    positions = tracks_of(
        settings.CONFIG, UNIT, datetime.now(UTC) - timedelta(days=40), datetime.now(UTC) + timedelta(days=1)
    )
    readable = len(read_reasons(e.id for e in events))
    print(
        events.count(),
        readable,
        len(positions),
        SessionStore().model.objects.count(),
        Event.objects.order_by("-seq")[0].seq,
    )


if __name__ == "__main__":
    {"make": make, "write": write, "delete": delete, "count": count}[sys.argv[1]]()
