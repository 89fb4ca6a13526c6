"""What records with a life cycle share: numbers of a day, ends of steps, changes by compare-and-set, texts.

A record here has `state`, `version` and, while it waits, `due_at`; matters and mediations are such records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.db.models import F, Model, Q
from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Conflict, Refused
from shouwang.desk.workflow.zone import day_of

WARN_SHARE = 0.8  # of the time spent: a step is nearly late
BATCH = 200
Row = TypeVar("Row", bound=Model)


def numbered(days: type[Model], letter: str, now: datetime) -> dict[str, Any]:
    """The next number of today (M1128-0007), which nobody else is given: `days` holds the last one of each day, and its
    row stays locked until the transaction ends."""
    day = day_of(now)
    rows: Any = days._default_manager
    rows.get_or_create(day=day)
    rows.filter(day=day).update(last=F("last") + 1)
    serial = rows.values_list("last", flat=True).get(day=day)
    return {"day": day, "serial": serial, "number": number(letter, day, serial)}


def number(letter: str, day: date, serial: int) -> str:
    return f"{letter}{day:%m%d}-{serial:04}"


def change(row: Any, *, version: int | None = None, **values: Any) -> None:
    """Writes columns, raising the version. Raises Conflict when the record has moved on meanwhile, or since the version
    that the reader saw."""
    mine = type(row)._default_manager.filter(pk=row.pk, state=row.state, version=row.version)
    if version is not None and version != row.version:
        mine = mine.none()
    if not mine.update(version=F("version") + 1, **values):
        raise Conflict(_("%(matter)s was changed meanwhile. Look again.") % {"matter": row}, code="version")
    row.version += 1
    for name, value in values.items():
        setattr(row, name, value)


def until(end: datetime | None, now: datetime) -> dict[str, Any]:
    """The columns of a step that has to end then."""
    return {"due_at": end, "warn_at": now + (end - now) * WARN_SHARE if end else None}


def by_working_time(start: datetime, figure: float, after: Callable[[datetime, float], datetime]) -> dict[str, Any]:
    """The columns of a step that has `figure` hours, as `after` counts them."""
    return {"due_at": after(start, figure), "warn_at": after(start, figure * WARN_SHARE)}


def late(rows: type[Row], waiting: Sequence[str], now: datetime) -> list[Row]:
    """Records whose step is over since its end and of whom nobody was told so, the longest first; at most BATCH."""
    found: Any = rows._default_manager
    return list(found.filter(state__in=waiting, due_at__lt=now, late_at=None).order_by("due_at")[:BATCH])


def still_late(rows: type[Row], row: Row, waiting: Sequence[str], now: datetime) -> Row | None:
    """The record, locked, unless it has moved on since it was found late."""
    found: Any = rows._default_manager
    it = found.select_for_update(of=("self",)).get(pk=row.pk)
    over = it.late_at is None and it.due_at is not None and it.due_at < now and it.state in waiting
    return it if over else None


def sealed_over(rows: type[Model], over: Sequence[str], *, deleted: str, days: float, kept: set[str], now: datetime,
                ) -> Iterator[list[tuple[Any, str]]]:
    """Id and area of records over for more than `days` whose sealed words are not yet deleted, a batch at a time.
    `deleted`: the column that says so. Examples hold none; `kept` is held by law."""
    found: Any = rows._default_manager
    due = list(found.filter(Q(state__in=over), closed_at__lt=now - timedelta(days=days), example=False,
                            **{deleted: None}).exclude(id__in=kept).values_list("id", "area"))
    for start in range(0, len(due), BATCH):
        yield due[start : start + BATCH]


def require_text(text: str | None, field: str, message: str, most: int) -> str:
    """The text without blanks around it. Raises Refused at the field when there is none or it is too long."""
    text = (text or "").strip()
    if not text:
        raise Refused(message, field=field, code="needs")
    return within(text, field, most)


def within(text: str, field: str, most: int) -> str:
    if len(text) > most:
        raise Refused(_("At most %(n)s characters.") % {"n": most}, field=field, code="long")
    return text.strip()
