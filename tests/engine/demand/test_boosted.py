from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from shouwang.engine.demand.boosted import Boosted
from shouwang.engine.demand.past import Past
from shouwang.engine.errors import BadInput


def test_trees_know_no_future_or_say_what_they_need(uneven_city: Any) -> None:
    calls, ground = uneven_city.calls, uneven_city.ground
    origin_h = int(calls.time_s.max()) // 86400 * 24 - 24 * 20
    past = Past.of(calls, ground, origin_h)
    if find_spec("lightgbm") is None:
        with pytest.raises(BadInput, match="lightgbm"):
            Boosted().fit(past)
        return
    fit = Boosted().fit(past)
    true = uneven_city.rate.sum(axis=0)
    assert fit.place.sum() == pytest.approx(1.0) and np.corrcoef(fit.place, true)[0, 1] > 0.8
    assert (Boosted().fit(Past.of(calls.before(origin_h * 3600), ground, origin_h)).place == fit.place).all()
