"""What the norms ask of each locality, and what a change of them means. The only module here that opens the engine."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from shouwang.desk.places import facts as places
from shouwang.engine import norms as engine
from shouwang.engine.errors import Faults

from . import facts, registers
from .facts import Known
from .models import Norm, Tick
from .terms import COUNTED, ENTERED, GRADES, PER_NAMES, STAFF, Item, cost_line, items, payer_name, zh


@dataclass(frozen=True)
class Line:
    """What one norm asks of one locality (None: of the district). need, have, short and over as in engine.norms.Gap;
    `counted`: the day and source of `have` where it was counted, else for
    the district where it is from; where it is None, in words why. `asked`: whether it is asked here.
    """

    at: Known | None
    norm: Norm
    need: int | None
    have: int | None
    short: int | None
    over: int | None
    why: str
    counted: str
    duty_of: str
    asked: bool = True

    @property
    def state(self) -> str:
        if self.duty_of:
            return "other"
        if not self.asked:
            return "not_asked"
        if self.short is None:
            return "unknown"
        return "short" if self.short else "over" if self.over else "met"

    @property
    def entered(self) -> bool:
        """Whether an office enters a count for it, for no register tells it."""
        return COUNTED.get(self.norm.code) in ENTERED

    @property
    def staff_name(self) -> str:
        return str(STAFF.get(COUNTED.get(self.norm.code, ""), ""))


def of_row(row: Norm) -> engine.Norm:
    """A row as the engine takes it. Several wordings of one norm are never reckoned together, so its code is its id."""
    rule = row.rule
    return engine.Norm(
        row.code, rule["kind"], float(rule["count"]), rule["management"], rule["per"],
        tuple((int(over), int(add)) for over, add in rule["additions"]), rule["reading"], int(rule["extra"]),
        bool(rule["exact"]), rule["duty_of"], tuple(rule.get("by_class", {}).items()))


def rule_faults(rule: Mapping[str, Any]) -> list[str]:
    """What the engine says against a rule; nothing when it can be reckoned with."""
    faults = Faults()
    engine.check(faults, of_row(Norm(code="rule", rule=rule)))
    try:
        faults.raise_if_any()
    except ValueError as error:
        return [f.what for f in error.faults]  # type: ignore[attr-defined]
    return []


def place_of(at: Known) -> engine.Place:
    c = at.count
    if c is None:
        return engine.Place(at.id, at.row.kind, grade=at.row.grade)
    return engine.Place(at.id, at.row.kind, c.management, c.households, {"group": c.groups}, at.row.grade)


def lines(known: Sequence[Known], norms: Sequence[Norm]) -> list[Line]:
    """Every norm that applies to each of these localities, in their order."""
    rows, at = {n.code: n for n in norms}, {k.id: k for k in known}
    registered = facts.have([k.row.area for k in known])
    out = []
    for need in engine.needs([of_row(n) for n in norms], [place_of(k) for k in known]):
        k, norm = at[need.place.id], rows[need.norm.id]
        have, counted = _have(k, norm.code, registered)
        found = engine.gap(need, have)
        out.append(Line(k, norm, need.count, have, found.short, found.over, _why(need), counted, need.norm.duty_of))
    return out


def unknown(known: Sequence[Known]) -> list[Known]:
    """Localities that no norm can be held against: nobody counted there, or how it is managed was not said."""
    return [k for k in known if k.count is None or (k.row.kind == "community" and not k.count.management)]


def district_lines(norms: Sequence[Norm], area: str, now: datetime) -> list[Line]:
    """The norms of the district as a whole, held against what the registers tell and what an office entered."""
    top = places.district()
    out = []
    for norm in norms:
        if norm.rule["kind"] != "district" or top is None:
            continue
        told = registers.told(norm.code, area, now)
        if norm.rule.get("example") and not top.example:
            says = _("asked of the example district of the source alone")
            out.append(Line(None, norm, None, told.have, None, None, says, told.source, "", asked=False))
            continue
        place = engine.Place("", "district", units=told.units)
        for need in engine.needs([of_row(norm)], [place]):
            found = engine.gap(need, told.have)
            out.append(Line(None, norm, need.count, told.have, found.short, found.over, _why(need), told.source,
                            need.norm.duty_of))
    return out


def _have(at: Known, code: str, registered: Mapping[str, int]) -> tuple[int | None, str]:
    """How many there are: as counted where the count says it, else for guards as registered."""
    what = COUNTED.get(code, "")
    counted = getattr(at.count, what, None) if at.count else None
    if counted is not None and at.count is not None:
        return counted, f"{at.count.day:%Y-%m-%d} · {at.count.source}"
    if what == "guards":
        return registered.get(at.row.area), ""
    return None, _("not counted here yet: it is entered with the next count")


def _why(need: engine.Need) -> str:
    """The arithmetic in words: 5 + 1 (over 1,500 households)."""
    norm, per = need.norm, str(PER_NAMES.get(need.norm.per, ""))
    if norm.duty_of:
        return _("the duty of: %(who)s") % {"who": payer_name(norm.duty_of)}
    if need.count is None and per != str(PER_NAMES["officer"]):
        return _("not counted")
    if norm.per == "officer":
        return f"≥ {norm.count * 100:.0f} % {per}"
    each = norm.per in ("group", "school", "shift")
    graded = dict(norm.by_class).get(need.place.grade, 0)
    words = f"{norm.count:g} × {need.place.units.get(norm.per)} ({per})" if each else f"{need.base} {per}".rstrip()
    if need.over:
        words += " + " + _("%(n)s (over %(households)s households)") % {
            "n": need.added - norm.extra - graded, "households": f"{need.over[-1]:,}"}
    if graded:
        words += " + " + _("%(n)s (%(grade)s)") % {"n": graded, "grade": GRADES[need.place.grade]}
    return words + (f" + {norm.extra}" if norm.extra else "")


@dataclass(frozen=True)
class Cost:
    """Money a year by the line of cost_sharing.yaml that says who pays. shares: payer and sum, None while the payer's
    share is open. people: more (or fewer) that it pays for."""

    line: str
    name: str
    note: str
    people: int
    amount: int
    shares: tuple[tuple[str, str, int | None], ...]

    @property
    def open(self) -> bool:
        return any(sum_ is None for _code, _name, sum_ in self.shares)


@dataclass(frozen=True)
class Effect:
    """What a wording of a norm changes on the day it takes effect, beside the norms that hold then without it. changes:
    localities whose need changes; all other figures over all localities."""

    changes: Sequence[tuple[Known, engine.Change]]
    before: int
    after: int
    short_before: int
    short_after: int
    uncounted: int
    costs: Sequence[Cost]

    @property
    def more(self) -> int:
        return self.after - self.before

    @property
    def amount(self) -> int:
        return sum(c.amount for c in self.costs)

    @property
    def open(self) -> bool:
        return any(c.open for c in self.costs)


def effect(norm: Norm, day: date) -> Effect:
    """`day`: today; counts later than it are not known yet. The norm is set against those of its kind and staff, so
    that a wording which reaches other places than before is counted too."""
    staff = COUNTED.get(norm.code)
    before = [n for n in facts.in_force(norm.from_day) if COUNTED.get(n.code) == staff and n.rule["kind"] != "district"
              and n.id != norm.id]
    if norm.state == "approved":  # what held before it
        others = [n for n in facts.versions(norm.code) if n.state == "approved" and n.from_day < norm.from_day]
        before = [n for n in before if n.code != norm.code] + others[:1]
    after = [n for n in before if n.code != norm.code] + [norm]
    known = facts.known(facts.localities(("",)), day) if norm.rule["kind"] != "district" else []
    registered = facts.have([k.row.area for k in known])
    have = {k.id: _have(k, norm.code, registered)[0] for k in known}
    by_id = {k.id: k for k in known}
    found = engine.changes([of_row(n) for n in before], [of_row(n) for n in after], [place_of(k) for k in known], have)
    shorts = [(max(0, (c.before or 0) - (c.have or 0)), c.short or 0) for c in found if not c.duty_of]
    return Effect(
        [(by_id[c.place.id], c) for c in found if c.more], sum(c.before or 0 for c in found),
        sum(c.after or 0 for c in found), sum(s for s, _after in shorts), sum(s for _before, s in shorts),
        sum(c.after is None for c in found), _costs(norm, found) if staff == "guards" else ())


def _costs(norm: Norm, found: Sequence[engine.Change]) -> list[Cost]:
    """Each guard more (or fewer) at the yearly cost the draft states, by who pays where: villages by town and village,
    property-managed communities by their companies, other communities 6:4 by district and street."""
    people: dict[str, int] = {}
    for c in found:
        line = "village_prevention" if c.place.kind == "village" else (
            "managed_communities" if c.duty_of or c.place.management == "full" else "new_urban_guards")
        people[line] = people.get(line, 0) + c.more
    out = []
    for code, more in people.items():
        if more:
            told = cost_line(code)
            shares = dict(told["shares"])
            if code == "village_prevention" and norm.town_percent is not None:
                shares = {"town": norm.town_percent / 100, "village": 1 - norm.town_percent / 100}
            amount = more * (norm.guard_year_cost or 0)
            parts = engine.split(amount, shares)
            out.append(Cost(code, _named(told, "zh", "en"), _named(told, "note_zh", "note_en"), more, amount,
                            tuple((p, payer_name(p), part) for p, part in parts.items())))
    return out


def _named(row: Mapping[str, Any], chinese: str, english: str) -> str:
    return str(row.get(chinese if zh() else english, ""))


@dataclass(frozen=True)
class Checked:
    """An item of safe-village building: done, not done, or (None) not known yet; `tick`: who looked at it and when,
    None for an item that the centre tells itself."""

    item: Item
    done: bool | None
    tick: Tick | None


def checklist(at: Known, found: Sequence[Line], contracts: Sequence[facts.ContractFact], ticks: Mapping[str, Tick],
              ) -> list[Checked]:
    """Every item in its order. found: the lines of this locality; contracts: its own."""
    of_norm = {line.norm.code: line for line in found}
    out = []
    for item in items().values():
        kind, _colon, code = item.known_by.partition(":")
        done: bool | None = None
        if not kind:
            tick = ticks.get(item.code)
            out.append(Checked(item, tick.done if tick else None, tick))
            continue
        if kind == "norm":
            line = of_norm.get(code)
            done = None if line is None or line.short is None else not line.short
        elif kind == "office":
            done = bool(at.row.contact)
        elif kind == "adviser":
            done = any(c.row.kind == "adviser" and c.state in ("running", "ending") for c in contracts)
        elif kind == "paid":
            security = [c for c in contracts if c.row.kind == "security"]
            done = not any(c.late for c in security) if security else None
        out.append(Checked(item, done, None))
    return out
