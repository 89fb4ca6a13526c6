"""How many people a place has to have by norms that are data, and what a change of the norms costs.

A norm asks for a number per place, or per so many units of it (villagers' groups, schools, officers on duty). Norms of
communities add by households. The rules and the reading they leave open stand in data/domain/staffing_norms.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor, isfinite

from shouwang.engine.errors import Faults

ONE = "place"  # a norm per place, whatever there is in it
READINGS = ("total", "on_top")


@dataclass(frozen=True, slots=True)
class Norm:
    """`count` people (or things) per unit `per` of a place of `kind`; "" for `management` means whichever.

    additions: (households, people), the people added where a place has more households than that. `reading`: "total",
    the addition of the highest threshold passed holds by itself; "on_top", those of all thresholds passed add up.
    `extra`: added everywhere it applies; `by_class`: (class, people), added where a place is of that class, for how
    complicated it is. `exact`: more than the number is no better than less. `duty_of`: who has to
    provide it where the district does not.
    """

    id: str
    kind: str
    count: float
    management: str = ""
    per: str = ONE
    additions: tuple[tuple[int, int], ...] = ()
    reading: str = "total"
    extra: int = 0
    exact: bool = False
    duty_of: str = ""
    by_class: tuple[tuple[str, int], ...] = ()

    def applies(self, place: Place) -> bool:
        return self.kind == place.kind and self.management in ("", place.management)


@dataclass(frozen=True, slots=True)
class Place:
    """A community, village or district. households: None while nobody counted them; units: how many of each `per`;
    grade: the class of how complicated it is."""

    id: str
    kind: str
    management: str = ""
    households: int | None = None
    units: Mapping[str, int | None] = field(default_factory=dict)
    grade: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """What one norm asks of one place. count: None while what it depends on was not counted; base: before additions;
    over: the thresholds (households) passed; added: by them, by `extra` and by its class.
    """

    norm: Norm
    place: Place
    count: int | None
    base: int = 0
    over: tuple[int, ...] = ()
    added: int = 0


@dataclass(frozen=True, slots=True)
class Gap:
    """have: None while nobody knows it; short and over: missing, and beyond an exact number; None with either
    unknown."""

    need: Need
    have: int | None
    short: int | None
    over: int | None


def needed(norm: Norm, place: Place) -> Need | None:
    """What the norm asks of the place, None where it does not apply.

    ⌈count · units⌉ + extra + what its class adds + additions; a place is above a threshold when it has more households
    than it.
    """
    if not norm.applies(place):
        return None
    units = 1 if norm.per == ONE else place.units.get(norm.per)
    if units is None or (norm.additions and place.households is None):
        return Need(norm, place, None)
    base = ceil(round(norm.count * units, 9))  # 0.9 of 70 is 63, not the next float above it
    passed = sorted((over, add) for over, add in norm.additions if (place.households or 0) > over)
    by_size = [add for _over, add in passed]
    sized = sum(by_size) if norm.reading == "on_top" else by_size[-1] if by_size else 0
    added = sized + norm.extra + dict(norm.by_class).get(place.grade, 0)
    return Need(norm, place, base + added, base, tuple(over for over, _add in passed), added)


def gap(need: Need, have: int | None) -> Gap:
    if need.count is None or have is None:
        return Gap(need, have, None, None)
    return Gap(need, have, max(0, need.count - have), max(0, have - need.count) if need.norm.exact else 0)


def needs(norms: Sequence[Norm], places: Sequence[Place]) -> list[Need]:
    """Every norm that applies to each place, places in their order. Raises `BadInput` naming every norm that cannot be
    reckoned with: a count below 0 or not finite, an unknown reading, thresholds that are used twice or add less than
    lower ones (a larger place would need fewer).
    """
    faults = Faults()
    for norm in norms:
        check(faults, norm)
    faults.raise_if_any()
    return [need for place in places for norm in norms if (need := needed(norm, place)) is not None]


def check(faults: Faults, norm: Norm) -> None:
    where = f"norm {norm.id}"
    if not (isfinite(norm.count) and norm.count >= 0):
        faults.add(f"{where}, count", "the number is below 0 or not finite", norm.count, "Give 0 or more.")
    if norm.reading not in READINGS:
        faults.add(f"{where}, reading", "there is no such reading", norm.reading, f"Give one of {', '.join(READINGS)}.")
    if norm.extra < 0:
        faults.add(f"{where}, extra", "the number is below 0", norm.extra, "Give 0 or more.")
    if any(add < 0 for _grade, add in norm.by_class):
        faults.add(f"{where}, by class", "the number is below 0", norm.by_class, "Give 0 or more.")
    steps = sorted(norm.additions)
    if len({over for over, _add in steps}) < len(steps):
        faults.add(f"{where}, additions", "a threshold is used twice", [over for over, _add in steps], "Remove one.")
    if any(over < 0 for over, _add in steps):
        faults.add(f"{where}, additions", "a threshold is below 0", [over for over, _add in steps], "Give 0 or more.")
    adds = [add for _over, add in steps]
    if any(add < 0 for add in adds) or (norm.reading == "total" and adds != sorted(adds)):
        faults.add(f"{where}, additions", "a larger place would need fewer people", adds,
                   "Let the higher threshold add at least as many.")


@dataclass(frozen=True, slots=True)
class Change:
    """What other norms mean for one place. before, after: people needed, None where it is not known; more: after less
    before; short: missing then, None while `have` is unknown.
    """

    place: Place
    before: int | None
    after: int | None
    have: int | None
    duty_of: str = ""

    @property
    def more(self) -> int:
        return (self.after or 0) - (self.before or 0) if None not in (self.before, self.after) else 0

    @property
    def short(self) -> int | None:
        return None if self.after is None or self.have is None else max(0, self.after - self.have)


def changes(before: Sequence[Norm], after: Sequence[Norm], places: Sequence[Place], have: Mapping[str, int | None],
            ) -> list[Change]:
    """For each place that either set of norms reaches: the people needed under both, all norms of a set together."""
    old, new = _by_place(before, places), _by_place(after, places)
    return [Change(p, _sum(old.get(p.id)), _sum(new.get(p.id)), have.get(p.id),
                   next((n.norm.duty_of for n in new.get(p.id, ()) if n.norm.duty_of), ""))
            for p in places if p.id in old or p.id in new]


def _by_place(norms: Sequence[Norm], places: Sequence[Place]) -> dict[str, list[Need]]:
    found: dict[str, list[Need]] = {}
    for need in needs(norms, places):
        found.setdefault(need.place.id, []).append(need)
    return found


def _sum(found: Sequence[Need] | None) -> int | None:
    counts = [n.count for n in found or ()]
    return None if None in counts else sum(c for c in counts if c is not None)


def split(amount: int, shares: Mapping[str, float | None]) -> dict[str, int | None]:
    """An amount (any whole unit of money, also below 0) among payers by their shares, largest remainders first
    (Hamilton), so that the parts add up. A payer whose share is open gets None while any of it is left: nobody has
    decided. Raises `BadInput` when the shares given are below 0, add up to more than 1, or to less with none open.
    """
    given = {payer: share for payer, share in shares.items() if share is not None}
    total = sum(given.values())
    if any(s < 0 for s in given.values()) or total > 1 + 1e-9 or (len(given) == len(shares) and total < 1 - 1e-9):
        faults = Faults()
        faults.add("shares", "the shares do not add up to 1", dict(shares), "Give shares from 0 to 1 that add up to 1.")
        faults.raise_if_any()
    exact = {payer: abs(amount) * share for payer, share in given.items()}
    parts = {payer: floor(value + 1e-9) for payer, value in exact.items()}
    if len(given) == len(shares):
        rest = sorted(exact, key=lambda payer: parts[payer] - exact[payer])
        for payer in rest[: abs(amount) - sum(parts.values())]:
            parts[payer] += 1
    sign = -1 if amount < 0 else 1
    settled = total > 1 - 1e-9  # nothing is left for those whose share is open
    return {payer: sign * parts[payer] if payer in parts else 0 if settled else None for payer in shares}
