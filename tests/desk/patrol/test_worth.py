"""What a plan is worth beside today, told with its interval."""
from __future__ import annotations

import numpy as np

from shouwang.desk.patrol.advice.worth import Demand, compare


def test_an_interval_holds_its_estimate_even_where_few_draws_meet_the_difference() -> None:
    """One call in two thousand comes sooner: nearly no draw of five calls holds it."""
    weight = np.full(2000, 0.0025)
    today, plan = np.full(2000, 100.0), np.full(2000, 100.0)
    today[0] = 900.0
    told = compare(today, plan, Demand(np.arange(2000), weight), 300.0, np.random.default_rng(1))
    for name, (low, high) in told["change"].items():
        assert low <= told["plan"][name] - told["today"][name] <= high
    assert told["change"]["share"][1] >= 0.0005 - 1e-12
