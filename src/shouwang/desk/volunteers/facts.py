"""Volunteers, notices and claims as plain values. Nothing sealed is opened here but what goes on as a matter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from shouwang.desk.log.gate import in_areas
from shouwang.desk.log.seal import Destroyed, unseal
from shouwang.desk.workflow.zone import day_of

from .models import Answer, Association, Claim, Group, Message, Notice, Service, Volunteer
from .terms import CLAIM_OVER, GROUP_SIZE, KINDS, THANKS, about

SHOWN = timedelta(days=30)  # how long a notice that is over stays in the list
DAYS = 365  # over which hours are added up


@dataclass(frozen=True)
class Sight:
    """What a volunteer saw after a notice about a `hazard` or `traffic`, and where."""

    about: str
    lon: float
    lat: float
    words: str


def sight(answer_id: UUID | str) -> Sight | None:
    """None for answers to look-outs and groups, for what is no longer there, and without a place on the map."""
    row = Answer.objects.select_related("notice").filter(id=answer_id, notice__kind__in=("hazard", "traffic")).first()
    if row is None or row.what == "gone" or row.lon is None or row.lat is None:
        return None
    try:
        words = unseal(row.id, "answer", bytes(row.text))
    except Destroyed:
        words = ""
    return Sight(row.notice.kind, row.lon, row.lat, words)


def volunteers(areas: tuple[str, ...], *, state: str = "", trade: str = "", area: str = "",
               group: UUID | None = None) -> QuerySet[Volunteer]:
    """Volunteers of these areas in the order in which they registered: never by what they have done."""
    rows = Volunteer.objects.filter(in_areas("area", areas)).select_related("group", "association")
    if state:
        rows = rows.filter(state=state)
    if trade:
        rows = rows.filter(trade="" if trade == "-" else trade)
    if area:
        rows = rows.filter(area__startswith=area)
    if group:
        rows = rows.filter(group=group)
    return rows.order_by("consent_at", "id")


def counts(areas: tuple[str, ...]) -> dict[str, int]:
    rows = Volunteer.objects.filter(in_areas("area", areas))
    return dict(rows.values_list("state").annotate(n=Count("id")).order_by())


def find(areas: tuple[str, ...], volunteer_id: UUID | str) -> Volunteer | None:
    rows = Volunteer.objects.filter(in_areas("area", areas)).select_related("group", "association")
    return rows.filter(id=volunteer_id).first()


def numbers(ids: list[str]) -> dict[str, str]:
    return {str(row.id): row.number for row in Volunteer.objects.filter(id__in=ids)}


def associations(areas: tuple[str, ...]) -> list[Association]:
    rows = Association.objects.filter(in_areas("area", areas))
    return list(rows.annotate(n=Count("members", Q(members__state="confirmed"))).order_by("state", "name", "id"))


def confirmed_associations() -> list[Association]:
    """Those that somebody who registers can name as theirs."""
    return list(Association.objects.filter(state="confirmed").order_by("name", "id"))


# ---- neighbours' groups


@dataclass(frozen=True)
class GroupFact:
    """A neighbours' group with how many households are in it. `short`: how many it lacks to be one."""

    id: UUID
    code: str
    name: str
    area: str
    n: int
    waiting: int
    version: int
    example: bool

    @property
    def short(self) -> int:
        return max(0, GROUP_SIZE[0] - self.n)

    @property
    def full(self) -> bool:
        return self.n >= GROUP_SIZE[1]


def groups(areas: tuple[str, ...], group_id: UUID | str | None = None) -> list[GroupFact]:
    rows = Group.objects.filter(in_areas("area", areas))
    rows = rows.filter(id=group_id) if group_id else rows
    counted = rows.annotate(n=Count("members", Q(members__state="confirmed")),
                            waiting=Count("members", Q(members__state="applied")))
    return [GroupFact(g.id, g.code, g.name, g.area, g.n, g.waiting, g.version, g.example)
            for g in counted.order_by("area", "name", "id")]


def group_of_code(code: str) -> Group | None:
    plain = code.strip().upper()
    return Group.objects.filter(code=plain).first() if 0 < len(plain) <= 8 else None


# ---- hours


@dataclass(frozen=True)
class Given:
    """What was given in a kind of service, or as thanks."""

    kind: str
    n: int
    hours: float


def served(areas: tuple[str, ...], since: datetime | None = None, *, volunteer: UUID | None = None) -> list[Given]:
    """Hours and thanks by kind. Of one volunteer for themselves and their office; never many beside one another."""
    rows = Service.objects.filter(in_areas("area", areas))
    rows = rows.filter(day__gte=day_of(since)) if since else rows
    rows = rows.filter(volunteer=volunteer) if volunteer else rows
    found = rows.values_list("kind").annotate(n=Count("id"), h=Sum("hours")).order_by("kind")
    return [Given(kind, n, float(h)) for kind, n, h in found]


def split(rows: Iterable[Given]) -> tuple[list[Given], list[Given]]:
    """Service, and thanks."""
    rows = list(rows)
    return [r for r in rows if r.kind not in THANKS], [r for r in rows if r.kind in THANKS]


# ---- notices


def notices(areas: tuple[str, ...], now: datetime) -> list[Notice]:
    """Those that are open, the one that ends first before others; then those over, the last first."""
    rows = list(Notice.objects.filter(in_areas("area", areas), at__gte=now - SHOWN).select_related("group")
                .order_by("-at", "-id")[:200])
    running = sorted((n for n in rows if is_open(n, now)), key=lambda n: n.until_at)
    return running + [n for n in rows if not is_open(n, now)]


def find_notice(areas: tuple[str, ...], notice_id: UUID | str) -> Notice | None:
    return Notice.objects.filter(in_areas("area", areas), id=notice_id).select_related("group").first()


def is_open(notice: Notice, now: datetime) -> bool:
    return notice.ended_at is None and notice.until_at > now


def heading(notice: Notice) -> str:
    """What it is, in words of fixed lists."""
    what = about(notice.kind).get(notice.about)
    return str(what or KINDS.get(notice.kind, notice.kind))


def names(ids: list[str]) -> dict[str, str]:
    return {str(n.id): heading(n) for n in Notice.objects.filter(id__in=ids)}


def deliveries(ids: Iterable[UUID]) -> dict[UUID, dict[str, int]]:
    """How many messages of each notice are in which state, how many were read, and how many answers wait."""
    out: dict[UUID, dict[str, int]] = {i: dict.fromkeys((*Message.STATES, "read", "answers", "new"), 0) for i in ids}
    for notice, state, n in Message.objects.filter(notice__in=list(out)).values_list("notice", "state").annotate(
            n=Count("id")).order_by():
        out[notice][state] = n
    for notice, n in Message.objects.filter(notice__in=list(out), opened_at__isnull=False).values_list(
            "notice").annotate(n=Count("id")).order_by():
        out[notice]["read"] = n
    for notice, n, new in Answer.objects.filter(notice__in=list(out)).values_list("notice").annotate(
            n=Count("id"), new=Count("id", Q(handled_at=None))).order_by():
        out[notice] |= {"answers": n, "new": new}
    return out


def card(notice: Notice, told: Mapping[str, int]) -> dict[str, Any]:
    """A notice for programs: no words."""
    return {"id": notice.id, "kind": notice.kind, "about": notice.about, "area": notice.area, "trades": notice.trades,
            "group": notice.group_id, "call": notice.call, "at": notice.at, "until_at": notice.until_at,
            "ended_at": notice.ended_at, "told": notice.told, "version": notice.version,
            **{name: told[name] for name in ("queued", "sent", "failed", "read", "answers", "new")}}


# ---- claims


def claims(areas: tuple[str, ...], *, over: bool = False) -> QuerySet[Claim]:
    rows = Claim.objects.filter(in_areas("area", areas))
    rows = rows.filter(state__in=CLAIM_OVER) if over else rows.exclude(state__in=CLAIM_OVER)
    return rows.order_by("-at", "-id") if over else rows.order_by("since", "id")


def find_claim(areas: tuple[str, ...], claim_id: UUID | str) -> Claim | None:
    return Claim.objects.filter(in_areas("area", areas), id=claim_id).first()


def claim_numbers(ids: list[str]) -> dict[str, str]:
    return {str(row.id): row.number for row in Claim.objects.filter(id__in=ids)}


def claim_sums(areas: tuple[str, ...]) -> dict[str, Any]:
    rows = Claim.objects.filter(in_areas("area", areas))
    return rows.aggregate(n=Count("id"), paid=Sum("paid"), settled=Sum("settled"))
