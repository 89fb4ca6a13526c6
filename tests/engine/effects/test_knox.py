import numpy as np
import pytest

from shouwang.engine.effects.knox import knox
from shouwang.engine.errors import BadInput, NoAnswer

DAY_S = 86_400


def cases(rng, number=300, followers=0):
    """Cases at random in 4 km and a year; some are followed within 100 m and a week by another."""
    x, y, t = rng.uniform(0, 4000, number), rng.uniform(0, 4000, number), rng.integers(0, 365 * DAY_S, number)
    if followers:
        chosen = rng.choice(number, followers, replace=False)
        x = np.r_[x, x[chosen] + rng.uniform(-70, 70, followers)]
        y = np.r_[y, y[chosen] + rng.uniform(-70, 70, followers)]
        t = np.r_[t, t[chosen] + rng.integers(0, 7 * DAY_S, followers)]
    return x, y, t


def test_followers_are_found_and_none_are_made_up():
    rng = np.random.default_rng(1)
    followed = knox(*cases(rng, followers=40), rng=rng, draws=199)
    assert followed.verdict == "more" and followed.estimate > 1.7 and followed.p == pytest.approx(0.01)
    assert sum(knox(*cases(rng), rng=rng, draws=99).verdict != "chance" for _ in range(30)) <= 5


def test_pairs_are_counted_by_band():
    day = DAY_S
    x = np.r_[0, 0, 100, 300, np.linspace(1e5, 2e6, 30)]
    t = np.r_[0, 5 * day, 1 * day, 20 * day, np.arange(30) * day * 40]
    found = knox(x, np.zeros(34), t, rng=np.random.default_rng(2), draws=99)
    pairs = {(row["to_m"], row["to_d"]): row["pairs"] for row in found.details["bands"]}
    assert pairs == {(1, 14): 1, (1, 28): 0, (200, 14): 2, (200, 28): 1, (400, 14): 0, (400, 28): 2}
    assert found.details["near_pairs"] == 3


def test_what_chance_gives_is_what_the_product_of_the_margins_gives():
    rng = np.random.default_rng(3)
    x, y, t = cases(rng)
    found = knox(x, y, t, rng=rng, draws=199)
    apart_m = np.hypot(x[:, None] - x, y[:, None] - y)[np.triu_indices(300, 1)]
    apart_d = np.abs(t[:, None] - t)[np.triu_indices(300, 1)] / DAY_S
    expected = (apart_m <= 200).sum() * (apart_d <= 14).mean()
    assert found.details["near_pairs"] == ((apart_m <= 200) & (apart_d <= 14)).sum()
    assert found.details["near_pairs_by_chance"] == pytest.approx(expected, rel=0.1)


def test_repeated_rows_and_shared_points_are_told():
    rng = np.random.default_rng(4)
    x, y, t = (np.r_[v, v[:40]] for v in cases(rng))
    corner = rng.integers(0, 30, 340)
    checks = knox(x, y, t * 3 // DAY_S * DAY_S, rng=rng, draws=99).checks
    assert {c.code for c in checks} == {"risk_steady", "pairs_enough", "repeated_rows", "date_only"}
    assert all(str(c) for c in checks)
    assert "same_points" in {c.code for c in knox(x[corner], y[corner], t, rng=rng, draws=99).checks}


def test_what_is_wrong_is_named():
    rng = np.random.default_rng(5)
    with pytest.raises(BadInput) as caught:
        knox([np.nan], [1], [1], rng=rng, within_m=(5, 5), within_d=(), draws=3)
    assert [fault.where for fault in caught.value.faults] == ["within_m", "within_d", "draws", "cases"]
    with pytest.raises(NoAnswer, match="20"):
        knox(*cases(rng, 10), rng=rng)
    with pytest.raises(NoAnswer, match="no pair"):
        knox(*cases(rng), rng=rng, within_m=(0.001,), draws=99)
    with pytest.raises(NoAnswer, match="pairs of cases"):
        knox(*(v[:5000] for v in cases(rng, 5000)), rng=rng, within_m=(5000,))


def moving(rng, number=1200):
    """Cases independent of one another, whose risk moves from the west to the east in the course of the year."""
    t = rng.integers(0, 365 * DAY_S, number)
    east = rng.random(number) < t / (365 * DAY_S)
    return np.where(east, 2000, 0) + rng.uniform(0, 2000, number), rng.uniform(0, 4000, number), t


def test_risk_that_moved_is_told_and_does_not_pass_for_repeats():
    rng = np.random.default_rng(6)
    found = [knox(*moving(rng), rng=rng, draws=99, within_d=(28.0,)) for _ in range(20)]
    assert all("risk_moved" in {c.code for c in one.switched} for one in found)
    assert sum(one.verdict != "chance" for one in found) <= 4
    followed = knox(*cases(rng, 1200, followers=150), rng=rng, draws=99)
    assert followed.verdict == "more" and followed.estimate > 1.2


def test_steady_risk_is_seldom_said_to_have_moved_and_few_cases_cannot_tell():
    rng = np.random.default_rng(7)
    told = [{c.code for c in knox(*cases(rng, 300), rng=rng, draws=99).checks} for _ in range(40)]
    assert sum("risk_moved" in codes for codes in told) <= 6
    few = {c.code for c in knox(*cases(rng, 60), rng=rng, draws=99).checks}
    assert {"risk_untested", "few_pairs"} <= few
    narrow = {c.code for c in knox(*cases(rng, 300), rng=rng, draws=99, within_m=(1500.0,)).checks}
    assert "risk_untested" in narrow, "zones hardly wider than the band would tell repeats as well"
