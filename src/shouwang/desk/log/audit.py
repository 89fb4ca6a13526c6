"""What the audit pages ask of the log, and how an entry reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from . import kinds as words
from .actor import Actor
from .gate import in_areas
from .models import Event
from .names import BY_NAME, home, names
from .reasons import read_reasons

PER_PAGE = 100
READ = "audit.read"


@dataclass(frozen=True)
class Filter:
    since: str = ""  # local date and time as the form gives them
    until: str = ""
    actor: str = ""  # a user's id or name
    kind: str = ""  # call.revealed, or call. for all of the room
    subject_kind: str = ""
    subject: str = ""
    area: str = ""
    before: str = ""  # a sequence number: the page below it

    def told(self) -> dict[str, str]:
        """The filter as it stands in the log: what was asked for, without what was typed as a person's name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) and f.name != "actor"}


@dataclass(frozen=True)
class Line:
    """An entry in words."""

    seq: int
    at: datetime
    actor: str
    kind: str
    label: str
    subject_kind: str
    about: str  # the subject's kind in words
    subject: str
    subject_name: str
    area: str
    area_name: str
    details: str
    reason: str
    reason_sealed: bool
    pruned: bool


def read_filter(query: Mapping[str, Any]) -> Filter:
    return Filter(**{f.name: str(query.get(f.name, "")).strip()[:120] for f in fields(Filter)})


def events_of(who: Actor, wanted: Filter) -> QuerySet[Event]:
    """Entries in the auditor's areas, newest first. Entries without an area (sign-ins, settings of the centre) are for
    an auditor of the whole centre."""
    reach = in_areas("area", who.areas(READ))
    events = Event.objects.filter(reach | Q(area="") if who.may(READ, home()) else reach & ~Q(area=""))
    if wanted.subject:
        events = events.filter(subject=wanted.subject)
    if wanted.subject_kind:
        events = events.filter(subject_kind=wanted.subject_kind)
    if wanted.kind:
        events = events.filter(kind__startswith=wanted.kind)
    if wanted.area:
        events = events.filter(area__startswith=wanted.area)
    if wanted.actor:
        events = events.filter(Q(actor=wanted.actor) | Q(actor__in=_ids_of(wanted.actor)))
    if (since := _moment(wanted.since)) is not None:
        events = events.filter(at__gte=since)
    if (until := _moment(wanted.until)) is not None:
        events = events.filter(at__lte=until)
    if wanted.before.isdecimal():
        events = events.filter(seq__lt=int(wanted.before[:15]))
    return events.order_by("-seq")


def lines_of(events: Iterable[Event], *, reasons: bool = True) -> list[Line]:
    rows = list(events)
    people = names("user", (e.actor for e in rows))
    areas = names("area", (e.area for e in rows))
    subjects = {
        kind: names(kind, (e.subject for e in rows if e.subject_kind == kind))
        for kind in {e.subject_kind for e in rows}
    }
    stand = _stand_for(rows)
    told = read_reasons(e.id for e in rows if "reason" in (e.payload or {})) if reasons else {}
    return [
        Line(
            e.seq,
            e.at,
            people.get(e.actor, e.actor),
            e.kind,
            words.label(e.kind),
            e.subject_kind,
            words.about(e.subject_kind),
            e.subject,
            subjects[e.subject_kind].get(e.subject, ""),
            e.area,
            areas.get(e.area, e.area),
            _details(e.payload or {}, stand),
            told.get(str(e.id), ""),
            "reason" in (e.payload or {}),
            e.payload is None,
        )
        for e in rows
    ]


_ORDER = {key: n for n, key in enumerate(words.DETAILS)}
Stand = dict[str, dict[str, str]]  # kind → id or code → name


def _stand_for(events: Iterable[Event]) -> Stand:
    """What the ids and codes inside these entries stand for."""
    wanted: dict[str, set[str]] = {}
    for event in events:
        for key, value in (event.payload or {}).items():
            if kind := words.STANDS_FOR.get(key):
                wanted.setdefault(kind, set()).update(v for v in _each(value) if isinstance(v, str))
    return {kind: names(kind, ids) for kind, ids in wanted.items()}


def _details(payload: dict[str, Any], stand: Stand) -> str:
    return "; ".join(
        f"{words.DETAILS.get(k, k)}: {_short(v, stand.get(words.STANDS_FOR.get(k, ''), {}))}"
        for k, v in sorted(payload.items(), key=lambda item: _ORDER.get(item[0], len(_ORDER)))
        if k not in words.INNER and v not in (None, "", [], {}) and (v is not False or k in words.SAID_IF_FALSE)
    )


def _short(value: Any, stand: dict[str, str]) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return ", ".join(f"{k} {_short(v, stand)}" for k, v in value.items())
    if isinstance(value, list):
        return (" → " if len(value) == 2 and not stand else ", ").join(_short(v, stand) for v in value)
    return stand.get(str(value), str(value))[:80]


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=timezone.get_current_timezone())


def _ids_of(name: str) -> list[str]:
    """Users whose sign-in name or name is the one typed (looked up by the room of people)."""
    return list(names(BY_NAME, [name]))
