"""Norms, localities and contracts as plain values, for this room and for others. Nothing sealed."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from shouwang.desk.brigades import facts as brigades
from shouwang.desk.log.gate import in_areas
from shouwang.desk.people import facts as people
from shouwang.desk.units import facts as units

from .models import Contract, Count, Locality, Norm, Payment, Tally, Tick
from .terms import DUE_DAYS, SOON_DAYS, items


@dataclass(frozen=True)
class Known:
    """A locality with what was last counted in it on or before a day; None where nobody counted."""

    row: Locality
    count: Count | None

    @property
    def id(self) -> str:
        return str(self.row.id)


def localities(areas: tuple[str, ...], *, text: str = "", kind: str = "", within: str = "",
               grade: str = "") -> QuerySet[Locality]:
    """Localities of these areas in use, in order of their areas. `text`: every word in a name or the code."""
    rows = Locality.objects.filter(in_areas("area", areas), closed_at=None, area__startswith=within)
    for word in text.split():
        rows = rows.filter(Q(zh__icontains=word) | Q(en__icontains=word) | Q(code__icontains=word))
    rows = rows.filter(grade=grade) if grade else rows
    return (rows.filter(kind=kind) if kind else rows).order_by("area", "code")


def find(areas: tuple[str, ...], locality_id: UUID | str) -> Locality | None:
    return Locality.objects.filter(in_areas("area", areas), id=locality_id).first()


def known(rows: Iterable[Locality], day: date) -> list[Known]:
    """With the newest count of each that is not later than the day."""
    found = list(rows)
    counts = Count.objects.filter(locality__in=[r.id for r in found], day__lte=day).order_by("day")
    newest = {c.locality_id: c for c in counts}
    return [Known(row, newest.get(row.id)) for row in found]


def residents(within: str, day: date) -> dict[str, int]:
    """How many people were last counted in the communities and villages below an area, by the path of the area each of
    them is or lies in. Those that nobody counted are not there."""
    found: dict[str, int] = {}
    for one in known(Locality.objects.filter(closed_at=None, area__startswith=within), day):
        if one.count is not None and one.count.residents is not None:
            found[one.row.area] = found.get(one.row.area, 0) + one.count.residents
    return found


def have(paths: Sequence[str]) -> dict[str, int]:
    """Full-time guards that the centre's registers know at each of these areas or below it: those in its brigades, or,
    while it keeps no brigades, active accounts of crews that were last on duty with a unit of guards."""
    if brigades.kept():
        return brigades.guards_at(paths)
    members = people.crew_members("")
    service = units.usual_services(m.id for m in members)
    homes = [m.area for m in members if service.get(m.id) == "guard"]
    return {path: sum(home.startswith(path) for home in homes) for path in set(paths)}


def brigade(area: str) -> int:
    """Members of patrol brigades in the area: police and full-time guards of the register's brigades and squadrons,
    or, while none is kept, crews that were last on duty with a unit of police."""
    if brigades.kept():
        return brigades.patrol_members(area)
    members = people.crew_members(area)
    service = units.usual_services(m.id for m in members)
    return sum(service.get(m.id) == "police" for m in members)


def tally(code: str, day: date) -> Tally | None:
    """What was last counted for a norm of the district, not later than the day."""
    return Tally.objects.filter(code=code, day__lte=day).order_by("-day").first()


def in_force(day: date) -> list[Norm]:
    """The norms that hold on a day, by code: of the approved ones the one that took effect last."""
    rows = Norm.objects.filter(state="approved", from_day__lte=day).order_by("from_day", "decided_at")
    return sorted({row.code: row for row in rows}.values(), key=lambda row: (ORDER.get(row.rule["kind"], 9), row.code))


ORDER = {"community": 0, "village": 1, "district": 2}


def coming(day: date) -> list[Norm]:
    """Drafts, and what is approved for later than the day."""
    rows = Norm.objects.filter(Q(state="draft") | Q(state="approved", from_day__gt=day))
    return list(rows.order_by("from_day", "made_at"))


def versions(code: str) -> list[Norm]:
    """Every wording of a norm, the latest first."""
    return list(Norm.objects.filter(code=code).order_by("-from_day", "-made_at"))


def norm(norm_id: UUID | str) -> Norm | None:
    return Norm.objects.filter(id=norm_id).first()


@dataclass(frozen=True)
class ContractFact:
    """state: coming, running, ending (within SOON_DAYS), over, ended (early). due, paid, late: money."""

    row: Contract
    state: str
    due: int
    paid: int
    late: int
    payments: Sequence[Payment] = ()


def contract_state(row: Contract, day: date) -> str:
    if row.ended_on is not None and row.ended_on <= day:
        return "ended"
    if row.until < day:
        return "over"
    if row.from_day > day:
        return "coming"
    return "ending" if row.until <= day + timedelta(days=SOON_DAYS) else "running"


def contract_fact(row: Contract, day: date) -> ContractFact:
    payments = sorted(row.payments.all(), key=lambda p: (p.due, str(p.id)))
    return ContractFact(row, contract_state(row, day), sum(p.amount for p in payments),
                        sum(p.amount for p in payments if p.paid_on),
                        sum(p.amount for p in payments if not p.paid_on and p.due < day), payments)


def contracts(areas: tuple[str, ...], day: date, *, locality: UUID | None = None, kind: str = "") -> list[ContractFact]:
    """Contracts of these areas, the one that ends first on top."""
    rows = Contract.objects.filter(in_areas("locality__area", areas)).select_related("locality")
    rows = rows.filter(locality=locality) if locality else rows
    rows = rows.filter(kind=kind) if kind else rows
    return [contract_fact(r, day) for r in rows.prefetch_related("payments").order_by("until", "number")]


def find_contract(areas: tuple[str, ...], contract_id: UUID | str) -> Contract | None:
    rows = Contract.objects.filter(in_areas("locality__area", areas), id=contract_id)
    return rows.select_related("locality").first()


@dataclass(frozen=True)
class Due:
    """Something to be seen to: what (late, payment, ending, lapsed), when, in which locality, of which contract."""

    what: str
    day: date
    contract: Contract
    amount: int | None = None


def due(found: Sequence[ContractFact], day: date) -> list[Due]:
    """Payments late or due within DUE_DAYS; contracts that end within SOON_DAYS, and those that ran out in as many
    days with nothing of their kind after them. The earliest day first."""
    out: list[Due] = []
    span = timedelta(days=SOON_DAYS)
    alive = {(f.row.locality_id, f.row.kind) for f in found if f.state in ("running", "ending", "coming")}
    for f in found:
        if f.state == "ending":
            out.append(Due("ending", f.row.until, f.row))
        if f.state == "over" and f.row.until >= day - span and (f.row.locality_id, f.row.kind) not in alive:
            out.append(Due("lapsed", f.row.until, f.row))
        for p in f.payments:
            if p.paid_on is None and p.due <= day + timedelta(days=DUE_DAYS):
                out.append(Due("late" if p.due < day else "payment", p.due, f.row, p.amount))
    return sorted(out, key=lambda d: (d.day, d.contract.number))


def ticks_of(localities: Sequence[UUID]) -> dict[str, dict[str, Tick]]:
    """By locality and item, what people have ticked."""
    found: dict[str, dict[str, Tick]] = {}
    for t in Tick.objects.filter(locality__in=localities, item__in=items()):
        found.setdefault(str(t.locality_id), {})[t.item] = t
    return found


def ticks(locality: UUID) -> dict[str, Tick]:
    return ticks_of([locality]).get(str(locality), {})


def names(ids: list[str]) -> dict[str, str]:
    """Names for the log."""
    return {str(r.id): str(r) for r in Locality.objects.filter(id__in=ids)}


def norm_names(ids: list[str]) -> dict[str, str]:
    return {str(r.id): str(r) for r in Norm.objects.filter(id__in=ids)}


def code_names(codes: list[str]) -> dict[str, str]:
    return {r.code: str(r) for r in Norm.objects.filter(code__in=codes)}


def contract_numbers(ids: list[str]) -> dict[str, str]:
    return {str(r.id): r.number for r in Contract.objects.filter(id__in=ids)}

