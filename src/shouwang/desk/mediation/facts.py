"""Mediations as plain values, for this room and for others. Nothing here opens what is sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.gate import in_areas
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.moves import cycle
from shouwang.desk.workflow.settings import get_many
from shouwang.desk.workflow.zone import day_of

from .checked import checked as checked
from .models import Declaration, DisputeKind, Mediation, MediationBody, Screened
from .terms import CONDUCT, LEVELS, REGISTER, SETTLED, STEPS, TO_TAKE, UNSEAL, WAITING
from .terms import SEE as SEE


@dataclass(frozen=True)
class Wanted:
    """What a list shows. show: open, mine, take, late, all; `step`: one of the steps or a way out."""

    show: str = "open"
    step: str = ""
    kind: str = ""
    way: str = ""
    area: str = ""
    text: str = ""

    @property
    def more(self) -> bool:
        return bool(self.step or self.kind or self.way or self.area or self.text)


def mediations(actor: Actor, wanted: Wanted, now: datetime) -> QuerySet[Mediation]:
    """Cases in the actor's areas that fit, the one whose time ends first before others."""
    rows = _seen(actor).filter(_shown(wanted.show, actor.id, now)).select_related("kind", "body")
    if wanted.step:
        rows = rows.filter(state__in=dict(STEPS).get(wanted.step, (wanted.step,)))
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.way:
        rows = rows.filter(body__way=wanted.way)
    if wanted.area:
        rows = rows.filter(area__startswith=wanted.area)
    for word in wanted.text.split():
        rows = rows.filter(Q(number__iendswith=word) | Q(kind__zh__icontains=word) | Q(kind__en__icontains=word)
                           | Q(body__zh__icontains=word) | Q(body__en__icontains=word))
    return rows.order_by("-registered_at", "-id") if wanted.show == "all" else rows.order_by("due_at", "id")


def _seen(actor: Actor) -> QuerySet[Mediation]:
    return Mediation.objects.filter(in_areas("area", actor.areas(*SEE)))


def _shown(show: str, who: str, now: datetime) -> Q:
    if show == "mine":
        return Q(mediator=who, state__in=WAITING)
    if show == "take":
        return Q(mediator="", state__in=TO_TAKE)
    if show == "late":
        return Q(state__in=WAITING, due_at__lt=now)
    return Q() if show == "all" else Q(state__in=WAITING)


SHOWN_APART = ("mine", "take", "late")


def counts(actor: Actor, now: datetime) -> dict[str, int]:
    """How many there are by state and by what a list can show."""
    rows = _seen(actor).filter(state__in=WAITING)
    by_state = dict(rows.values_list("state").annotate(n=Count("id")).order_by())
    told = rows.aggregate(**{show: Count("id", filter=_shown(show, actor.id, now)) for show in SHOWN_APART})
    return {**by_state, **told, "open": sum(by_state.values())}


def left_open(areas: tuple[str, ...], now: datetime) -> list[dict[str, Any]]:
    """Late, or still to be sorted and passed on by the office: number, kind and state. Nothing of who quarrels."""
    of = Q(state__in=("registered", "judged")) | _shown("late", "", now)
    rows = Mediation.objects.filter(of, in_areas("area", areas)).select_related("kind").order_by("due_at", "id")
    return [{"id": str(m.id), "number": m.number, "zh": m.kind.zh, "en": m.kind.en, "state": m.state,
             "since": m.since.isoformat(), "late": bool(m.due_at and m.due_at < now)} for m in rows[:MOST_LEFT]]


MOST_LEFT = 200


def find(actor: Actor, mediation_id: UUID | str) -> Mediation | None:
    return _seen(actor).filter(id=mediation_id).select_related("kind", "body").first()


def may_see(actor: Actor, area: str) -> bool:
    return any(actor.may(p, area) for p in SEE)


def barred(actor: Actor, row: Mediation) -> bool:
    """Whether the actor has declared an interest of their own in this case."""
    return Declaration.objects.filter(mediation=row, by=actor.id, interest=True).exists()


def may_open(actor: Actor, row: Mediation) -> bool:
    """Whether the actor may open what lies sealed, for a reason: the case's mediator; while it has none, who may take
    it; while it is sorted, the office and whoever registered it; the manager. Never one who declared an interest."""
    if row.sealed_deleted_at or barred(actor, row):
        return False
    if actor.may(UNSEAL, row.area) or row.mediator == actor.id:
        return True
    if row.state in ("registered", "judged") and actor.may(REGISTER, row.area):
        return row.registered_by == actor.id or actor.may("office.work", row.area) or actor.may(CONDUCT, row.area)
    return not row.mediator and row.state in TO_TAKE and actor.may(CONDUCT, row.area)


def level_of(kind: DisputeKind, people: int | None, amount: int | None) -> str:
    """Who settles a dispute: as its kind says, and higher up where it is as big as the settings say."""
    limits, order = get_many(*SIZE_LIMITS.values()), list(LEVELS)
    asked = [kind.level] + [level for (level, what), key in SIZE_LIMITS.items()
                            if ((people if what == "people" else amount) or 0) >= limits[key]]
    return max(asked, key=order.index)


SIZE_LIMITS = {(level, what): f"mediation_{level}_{what}"
               for level in ("street", "district") for what in ("people", "amount")}


def numbers(ids: list[str]) -> dict[str, str]:
    return {str(i): n for i, n in Mediation.objects.filter(id__in=ids).values_list("id", "number")}


@dataclass(frozen=True)
class Link:
    """A mediation as another room shows it."""

    id: str
    number: str
    state: str


def of_call(call: UUID | str) -> Link | None:
    """The mediation that a call became."""
    return _link(Q(call=call))


def of_matter(matter: UUID | str) -> Link | None:
    """The mediation that is a part of a matter."""
    return _link(Q(matter=matter))


def _link(q: Q) -> Link | None:
    row = Mediation.objects.filter(q).order_by("-registered_at").values_list("id", "number", "state").first()
    return Link(str(row[0]), row[1], row[2]) if row else None


@dataclass(frozen=True)
class Ended:
    """What became of a mediation, in both languages: for the room that asked for it."""

    number: str
    state: str
    task: str
    call: str


def ended(mediation_id: UUID | str) -> Ended | None:
    row = Mediation.objects.filter(id=mediation_id).first()
    if row is None:
        return None
    state = cycle("mediation").states[row.state]
    return Ended(row.number, f"{state['zh']} / {state['en']}", str(row.task or ""), str(row.call or ""))


def kinds() -> list[DisputeKind]:
    return list(DisputeKind.objects.filter(active=True).order_by("code"))


def ways() -> dict[str, str]:
    """The way of every body."""
    return dict(MediationBody.objects.values_list("code", "way"))


def bodies() -> list[MediationBody]:
    return list(MediationBody.objects.filter(active=True).order_by("code"))


def step_of(state: str) -> int:
    """Which of the steps a case waits in, from 1; one more than there are when it is filed."""
    if state == "filed":
        return len(STEPS) + 1
    return next((n for n, (_step, states) in enumerate(STEPS, 1) if state in states), 0)


def communities(actor: Actor, *permissions: str) -> list[places.Spot]:
    """Communities in which, or in a part of which, the actor holds one of the permissions."""
    held = actor.areas(*permissions)
    return [a for a in places.areas("community") if any(a.area.startswith(p) or p.startswith(a.area) for p in held)]


# ---- screening list


def screened(actor: Actor, *, area: str = "", show: str = "open", now: datetime) -> QuerySet[Screened]:
    """Disputes found at places in the actor's areas, the next to be looked at first. show: open, due, all."""
    rows = Screened.objects.filter(in_areas("area", actor.areas(REGISTER)), area__startswith=area)
    if show == "due":
        rows = rows.filter(next_on__lte=day_of(now))
    elif show != "all":
        rows = rows.filter(state="open")
    order = ("-found_on", "id") if show == "all" else ("next_on", "id")
    return rows.select_related("kind").order_by(*order)


# ---- figures


@dataclass(frozen=True)
class Counted:
    """A case as figures need it: kind, body, what became of it, days until the agreement, and how big it is."""

    kind: str
    body: str
    outcome: str
    days: float | None
    in_time: bool | None
    confirmed: bool
    performed: str
    people: int | None = None
    amount: int | None = None


OUTCOMES = ("settled", "failed", "referred", "withdrawn", "open")


def counted(areas: tuple[str, ...], year: int) -> list[Counted]:
    """Every case of a year (by the day it was registered) in these areas."""
    rows = Mediation.objects.filter(in_areas("area", areas), day__year=year).values_list(
        "kind", "body", "state", "registered_at", "agreed_at", "in_time", "confirmed_at", "performed",
        "people", "amount")
    return [Counted(kind, body or "", _outcome(state), (agreed - began).total_seconds() / 86400 if agreed else None,
                    in_time, confirmed is not None, performed, people, amount)
            for kind, body, state, began, agreed, in_time, confirmed, performed, people, amount in rows]


def _outcome(state: str) -> str:
    return "settled" if state in SETTLED else state if state in OUTCOMES else "open"


def years(areas: tuple[str, ...], now: datetime) -> list[int]:
    """Years with cases, the newest first."""
    first = Mediation.objects.filter(in_areas("area", areas)).order_by("day").values_list("day", flat=True).first()
    last = day_of(now).year
    return list(range(last, max(first.year if first else last, last - 4) - 1, -1))
