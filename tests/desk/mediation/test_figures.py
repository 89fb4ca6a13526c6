"""Figures without parties: what is hidden cannot be worked out."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from shouwang.desk.mediation import advice, facts
from shouwang.desk.mediation.facts import OUTCOMES, Counted
from shouwang.desk.mediation.models import Mediation, Screened
from shouwang.desk.setup import mediation as setup
from shouwang.desk.workflow.tables import TYPES

WAYS = {"B01": "people", "B02": "people", "B04": "administrative", "B09": "judicial"}


def cases(**counts: int) -> list[Counted]:
    """K03_B01_settled=40 and the like."""
    found = []
    for name, n in counts.items():
        kind, body, outcome = name.split("_")
        found += [Counted(kind, body, outcome, 10.0 if outcome == "settled" else None, i % 4 != 0, i % 3 == 0,
                          "yes" if i % 2 else "") for i in range(n)]
    return found


def test_large_counts_are_told_with_their_times() -> None:
    told = advice.figures(cases(K03_B01_settled=40, K03_B01_failed=20, K02_B04_settled=24, K02_B04_open=15), WAYS)
    assert told is not None
    assert told.all == 99
    assert told.outcomes == {"settled": 64, "failed": 20, "referred": 0, "withdrawn": 0, "open": 15}
    assert [(r.code, r.count, r.days) for r in told.kinds] == [("K02", 39, 10.0), ("K03", 60, 10.0)]
    assert [(r.code, r.count, r.sum) for r in told.bodies] == [
        ("people", 60, True), ("B01", 60, False), ("administrative", 39, True), ("B04", 39, False)]
    assert (told.in_time, told.confirmed, told.days) == (48, 22, 10.0)
    assert sum(n or 0 for n in told.performed.values()) == 64


@pytest.mark.parametrize("small", [1, 4, 10])
def test_small_counts_are_hidden_and_so_is_what_gives_them_away(small: int) -> None:
    given = {"K03_B01_settled": 40, "K02_B04_failed": 30, "K01_B02_withdrawn": small, "K01_B09_settled": 25}
    told = advice.figures(cases(**given), WAYS)
    assert told is not None and told.all == 95 + small
    assert told.outcomes["withdrawn"] is None and list(told.outcomes.values()).count(None) == 2
    bodies = {r.code: r.count for r in told.bodies}
    assert bodies["B02"] is None
    assert bodies["B01"] is None or bodies["people"] is None  # not what is left of its way
    ways = [bodies[w] for w in ("people", "administrative", "judicial")]
    assert bodies["people"] is not None or ways.count(None) >= 2  # nor that of all ways
    kinds = advice.figures(cases(K03_B01_settled=40, K02_B01_settled=small, K01_B01_failed=30), WAYS)
    assert kinds is not None and [r.count for r in kinds.kinds].count(None) == 2


def test_parts_of_few_settled_cases_are_not_told() -> None:
    told = advice.figures(cases(K03_B01_settled=7, K03_B01_failed=20), WAYS)
    assert told is not None and told.outcomes["settled"] is None
    assert (told.in_time, told.confirmed, told.days, set(told.performed.values())) == (None, None, None, {None})
    few = advice.figures(cases(K03_B01_settled=3, K03__open=2), WAYS)
    assert few is not None and few.all is None and few.bodies == [] and few.kinds[0].count is None
    assert advice.figures([], WAYS) is None


@pytest.fixture
def invented(town: Any, cast: Any, clock: Any) -> Any:
    areas = list(town.areas.values())
    setup.invent(areas, np.random.default_rng(1), clock(), count=400, chinese=False)
    return clock


@pytest.mark.django_db
def test_an_example_has_every_outcome_and_nobody_in_it(invented: Any, cast: Any) -> None:
    rows = Mediation.objects.all()
    assert rows.count() == 400 and not rows.filter(example=False).exists()
    assert {c.outcome for year in (2025, 2026) for c in facts.counted(("t/",), year)} == set(OUTCOMES)
    assert Screened.objects.filter(example=True).exists()
    late = rows.filter(agreed_at__isnull=False, in_time=False).count()
    assert 0.03 < late / rows.filter(agreed_at__isnull=False).count() < 0.3
    assert not rows.filter(registered_at__gt=invented()).exists()
    assert not [r for r in rows if (r.closed_at or r.since) > invented()]
    assert facts.counted(("x/",), 2026) == []


@pytest.mark.django_db
def test_lists_filters_files_and_figures_of_an_area(invented: Any, cast: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("django.utils.timezone.now", invented)
    client = cast.mediator.client
    every = client.get("/api/mediations?show=all&size=200").json()["count"]
    assert every == 400
    for query in ("kind=K03", "way=people", "step=session", "area=t/1/", "q=邻里", "step=filed"):
        found = client.get(f"/api/mediations?show=all&size=200&{query}").json()
        assert 0 < found["count"] < every, query
    page = client.get("/mediation/?show=all&page=2")
    assert page.status_code == 200 and "show=all&amp;page=3" in page.content.decode()
    number = Mediation.objects.order_by("-registered_at").values_list("number", flat=True)[0]
    for kind in TYPES:
        answer = client.get(f"/mediation/export.{kind}?show=all")
        assert answer.status_code == 200 and len(answer.content) > 1000
    assert number in client.get("/mediation/export.csv?show=all").content.decode("utf-8-sig")
    assert client.get("/mediation/export.pdf").status_code == 404
    told = client.get("/api/mediations/figures?year=2026").json()
    assert told["all"] == len(facts.counted(("t/",), 2026))
    assert not [r for r in told["kinds"] + told["bodies"] if r["count"] is not None and 0 < r["count"] <= 10]
    text = cast.centre.client.get("/mediation/figures/?year=2025").content.decode()
    assert "•" in text and "2025" in text
    assert cast.stranger.client.get("/mediation/figures/").status_code == 200  # their own area: nothing


def test_years_begin_with_the_first_case(db: Any) -> None:
    assert facts.years(("t/",), datetime(2026, 5, 1, tzinfo=UTC) + timedelta(days=1)) == [2026]


def test_cases_are_told_by_class_of_size_without_anybody() -> None:
    from dataclasses import replace

    from shouwang.desk.mediation.terms import AMOUNT_SIZES, PEOPLE_SIZES, size_class

    base = cases(K03_B01_settled=1)[0]
    sized = [replace(base, people=p, amount=a) for p, a, n in ((2, 500, 20), (12, 50_000, 30), (None, None, 40))
             for _ in range(n)]
    told = advice.figures(sized, WAYS)
    assert told is not None
    assert {r.code: r.count for r in told.people} == {"few": 20, "group": 30, "crowd": 0, "": 40}
    assert {r.code: r.count for r in told.amounts} == {"small": 20, "middle": 30, "large": 0, "": 40}
    few = advice.figures([*sized, *[replace(base, people=99)] * 2], WAYS)
    assert few is not None
    assert {r.code: r.count for r in few.people}["crowd"] is None
    assert [size_class(n, PEOPLE_SIZES) for n in (1, 9, 10, 30)] == ["few", "few", "group", "crowd"]
    assert [size_class(n, AMOUNT_SIZES) for n in (0, 10_000, 100_000)] == ["small", "middle", "large"]
