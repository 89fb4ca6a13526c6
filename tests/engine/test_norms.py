"""What norms ask for: every boundary of the source's rules, both readings, and what holds for any norm."""
from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.engine.errors import BadInput
from shouwang.engine.norms import Change, Norm, Place, changes, gap, needed, needs, split

STEPS = ((1500, 1), (2000, 2))
NONE = Norm("urban_not_managed", "community", 5, "none", additions=STEPS)
PARTIAL = Norm("urban_partly_managed", "community", 3, "partial", additions=STEPS)
FULL = Norm("urban_fully_managed", "community", 0, "full", duty_of="property_co")
VILLAGE = Norm("village_guards", "village", 3)
CONTACTS = Norm("villagers_group_contact", "village", 1, per="group", exact=True)
STREET = Norm("street_share", "district", 0.9, per="officer")


def community(households: int | None, management: str = "none") -> Place:
    return Place("c", "community", management, households)


@pytest.mark.parametrize(("households", "none", "partial", "on_top"), [
    (0, 5, 3, 5), (1499, 5, 3, 5), (1500, 5, 3, 5), (1501, 6, 4, 6), (1999, 6, 4, 6), (2000, 6, 4, 6), (2001, 7, 5, 8),
    (50_000, 7, 5, 8)])
def test_communities_by_households(households: int, none: int, partial: int, on_top: int) -> None:
    def count(norm: Norm, management: str) -> int | None:
        need = needed(norm, community(households, management))
        return need.count if need else None

    assert count(NONE, "none") == none
    assert count(PARTIAL, "partial") == partial
    assert count(replace(NONE, reading="on_top"), "none") == on_top
    assert count(replace(NONE, extra=2), "none") == none + 2
    assert count(FULL, "full") == 0


def test_the_class_of_a_place_adds_to_its_need() -> None:
    norm = Norm("n", "community", 3, additions=((1500, 1),), extra=1, by_class=(("busy", 1), ("complex", 2)))
    asked = {grade: needed(norm, Place("a", "community", households=2000, grade=grade))
             for grade in ("", "plain", "busy", "complex")}
    assert {grade: n and n.count for grade, n in asked.items()} == {"": 5, "plain": 5, "busy": 6, "complex": 7}
    with pytest.raises(BadInput):
        needs([Norm("n", "community", 3, by_class=(("busy", -1),))], [])


def test_a_norm_reaches_its_own_kind_and_management_alone() -> None:
    norms = [NONE, PARTIAL, FULL, VILLAGE]
    assert [n.norm.id for n in needs(norms, [community(100, "partial")])] == ["urban_partly_managed"]
    assert [n.norm.id for n in needs(norms, [Place("v", "village")])] == ["village_guards"]
    assert needs(norms, [community(100, "")]) == []


@pytest.mark.parametrize(("norm", "place", "count"), [
    (VILLAGE, Place("v", "village"), 3),  # nobody has to count households there
    (CONTACTS, Place("v", "village", units={"group": 7}), 7),
    (CONTACTS, Place("v", "village", units={"group": 0}), 0),
    (CONTACTS, Place("v", "village", units={"group": None}), None),
    (CONTACTS, Place("v", "village"), None),
    (NONE, community(None), None),
    (STREET, Place("d", "district", units={"officer": 70}), 63),
    (replace(STREET, count=0.07), Place("d", "district", units={"officer": 100}), 7),  # a little more in floats
    (STREET, Place("d", "district", units={"officer": 71}), 64)])
def test_per_unit_and_what_was_not_counted(norm: Norm, place: Place, count: int | None) -> None:
    need = needed(norm, place)
    assert need is not None and need.count == count


def test_the_arithmetic_is_told() -> None:
    need = needed(replace(NONE, extra=1), community(2500))
    assert need is not None
    assert (need.base, need.over, need.added, need.count) == (5, (1500, 2000), 3, 8)


@pytest.mark.parametrize(("norm", "have", "short", "over"), [
    (VILLAGE, 2, 1, 0), (VILLAGE, 3, 0, 0), (VILLAGE, 9, 0, 0),  # at least three: more is no fault
    (replace(VILLAGE, exact=True), 9, 0, 6), (VILLAGE, None, None, None)])
def test_gaps(norm: Norm, have: int | None, short: int | None, over: int | None) -> None:
    need = needed(norm, Place("v", "village"))
    assert need is not None
    found = gap(need, have)
    assert (found.short, found.over) == (short, over)


@pytest.mark.parametrize(("norm", "what"), [
    (replace(NONE, count=-1), "count"), (replace(NONE, count=math.nan), "count"), (replace(NONE, count=math.inf),
                                                                                   "count"),
    (replace(NONE, reading="both"), "reading"), (replace(NONE, extra=-1), "extra"),
    (replace(NONE, additions=((1500, 2), (2000, 1))), "additions"), (replace(NONE, additions=((9, 1), (9, 2))),
                                                                     "additions"),
    (replace(NONE, additions=((9, -1),)), "additions"), (replace(NONE, additions=((-9, 1),)), "additions")])
def test_norms_that_cannot_be_reckoned_with_are_named(norm: Norm, what: str) -> None:
    with pytest.raises(BadInput, match=f"urban_not_managed, {what}"):
        needs([norm], [community(1)])


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(BadInput) as error:
        needs([replace(NONE, count=-1, extra=-1), replace(VILLAGE, reading="")], [])
    assert len(error.value.faults) == 3


def test_a_change_is_told_place_by_place() -> None:
    places = [Place("a", "community", "none", 1200), Place("b", "community", "none", 1800),
              Place("c", "community", "full", 900), Place("d", "community", "none")]
    after = replace(NONE, count=6)
    assert changes([NONE, FULL], [after, FULL], places, {"a": 4, "b": 9}) == [
        Change(places[0], 5, 6, 4), Change(places[1], 6, 7, 9), Change(places[2], 0, 0, None, "property_co"),
        Change(places[3], None, None, None)]
    found = changes([NONE], [after], places, {"a": 4, "b": 9})
    assert [(c.more, c.short) for c in found] == [(1, 2), (1, 0), (0, None)]


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.sampled_from(["total", "on_top"]), st.integers(0, 20),
       st.lists(st.tuples(st.integers(1, 9000), st.integers(0, 5)), max_size=4, unique_by=lambda s: s[0]))
def test_more_households_never_need_fewer(a: int, b: int, reading: str, count: int,
                                          steps: list[tuple[int, int]]) -> None:
    overs, adds = sorted(over for over, _ in steps), sorted(add for _, add in steps)
    norm = Norm("n", "community", count, additions=tuple(zip(overs, adds, strict=True)), reading=reading)
    counts = [n.count or 0 for n in needs([norm], [community(h) for h in sorted((a, b))])]
    assert count <= counts[0] <= counts[1]
    on_top = needs([replace(norm, reading="on_top")], [community(max(a, b))])[0].count
    assert counts[1] <= (on_top or 0)


@pytest.mark.parametrize(("amount", "shares", "parts"), [
    (100, {"district": 0.6, "street": 0.4}, {"district": 60, "street": 40}),
    (42_001, {"district": 0.6, "street": 0.4}, {"district": 25_201, "street": 16_800}),  # 25,200.6 and 16,800.4
    (-5, {"district": 0.6, "street": 0.4}, {"district": -3, "street": -2}),
    (100, {"town": None, "village": None}, {"town": None, "village": None}),
    (100, {"town": 0.3, "village": None}, {"town": 30, "village": None}),
    (100, {"town": 1.0, "village": None}, {"town": 100, "village": 0}),
    (0, {"property_co": 1.0}, {"property_co": 0})])
def test_who_pays(amount: int, shares: dict[str, float | None], parts: dict[str, int | None]) -> None:
    assert split(amount, shares) == parts


@pytest.mark.parametrize("shares", [{"a": 0.5}, {"a": 0.7, "b": 0.4}, {"a": -0.5, "b": 1.5}, {"a": 1.2, "b": None}, {}])
def test_shares_that_do_not_add_up_are_refused(shares: dict[str, float | None]) -> None:
    with pytest.raises(BadInput, match="add up to 1"):
        split(10, shares)


@given(st.integers(-10**9, 10**9), st.lists(st.integers(0, 1000), min_size=1, max_size=6).filter(any))
def test_parts_add_up_and_each_is_its_share(amount: int, weights: list[int]) -> None:
    shares = {str(n): w / sum(weights) for n, w in enumerate(weights)}
    parts = split(amount, shares)
    assert sum(p or 0 for p in parts.values()) == amount
    assert all(abs((parts[k] or 0) - amount * share) < 1.001 for k, share in shares.items())
