import numpy as np
import pytest

from shouwang.engine.effects.did import Panel, did
from shouwang.engine.errors import BadInput, NoAnswer


def panel(rng, units=24, periods=10, effect=1.0, frailty=0.0, steep=1.0):
    """Areas of very unlike size, one season for all, half of them treated from the middle on."""
    treated, after = np.arange(units) < units // 2, np.arange(periods) >= periods // 2
    size = rng.uniform(2, 60, units)
    season = 1 + 0.5 * np.sin(np.arange(periods))
    mean = size[:, None] * season * np.where(treated[:, None] & after, effect, 1.0)
    mean = mean * np.where(treated[:, None], steep ** np.arange(periods), 1.0)
    if frailty:
        mean = mean * rng.gamma(1 / frailty, frailty, (units, 2)).repeat(periods // 2, axis=1)
    return Panel(rng.poisson(mean).astype(float), treated, after)


def test_the_closed_form_is_the_regressions():
    """Poisson regression with an effect of each area and each period, errors clustered by area, by statsmodels."""
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    one = panel(np.random.default_rng(5), effect=0.7, frailty=0.1)
    units, periods = one.counts.shape
    unit, period = np.divmod(np.arange(units * periods), periods)
    cross = (one.treated[:, None] & one.after).ravel()
    design = np.column_stack([cross, unit[:, None] == np.arange(units), period[:, None] == np.arange(1, periods)])
    model = GLM(one.counts.ravel(), design.astype(float), family=Poisson())
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": unit, "use_correction": False})
    found = did(one)
    assert np.log(found.estimate) == pytest.approx(fit.params[0], abs=1e-8)
    half = units // 2
    assert found.details["log_error"] == pytest.approx(fit.bse[0] * np.sqrt(half / (half - 1)), rel=1e-6)


def test_an_effect_is_found_and_its_interval_holds_it():
    rng = np.random.default_rng(6)
    held = [found.low <= 0.7 <= found.high for found in (did(panel(rng, effect=0.7, frailty=0.05)) for _ in range(60))]
    assert 51 <= sum(held) <= 60
    assert did(panel(rng, effect=0.5)).verdict == "less"


def test_factors_of_areas_and_periods_change_nothing():
    one = panel(np.random.default_rng(7))
    scaled = Panel(one.counts * 3.0, one.treated, one.after)
    assert did(scaled).estimate == pytest.approx(did(one).estimate) and did(scaled).p == pytest.approx(did(one).p)


def test_sums_of_few_cases_are_told():
    counts = np.zeros((6, 4))
    counts[:, 0], counts[:3, 2], counts[3:, 2] = [2, 3, 1, 4, 2, 5], [1, 0, 2], [3, 2, 6]
    few = did(Panel(counts, np.arange(6) < 3, np.arange(4) >= 2))
    assert "small_counts" in [check.code for check in few.checks]
    assert "small_counts" not in [check.code for check in did(panel(np.random.default_rng(6))).checks]


def test_groups_that_moved_apart_before_are_refused():
    with pytest.raises(NoAnswer, match="do not fit"):
        did(panel(np.random.default_rng(8), periods=12, steep=0.8))


def test_few_areas_are_told_and_one_is_refused():
    rng = np.random.default_rng(9)
    few = did(panel(rng, units=6))
    assert few.switched[0].code == "few_units" and few.details["df"] < 5
    assert did(panel(rng, units=24)).checks[0].code == "units_enough"
    with pytest.raises(NoAnswer, match="wdd"):
        did(panel(rng, units=2))
    one = panel(rng)
    one.counts[one.treated] = 0
    with pytest.raises(NoAnswer, match="no factor"):
        did(one)


def test_what_is_wrong_is_named():
    one = panel(np.random.default_rng(1))
    with pytest.raises(BadInput) as caught:
        did(Panel(np.where(one.counts == one.counts.max(), np.nan, one.counts), one.treated, one.after | True))
    assert [fault.where for fault in caught.value.faults] == ["counts", "after"]
    with pytest.raises(BadInput):
        did(Panel(one.counts[1:], one.treated, one.after))
    with pytest.raises(BadInput, match="exactly one factor"):
        did(Panel(np.full((6, 4), 5.0), np.arange(6) < 3, np.arange(4) > 1))
