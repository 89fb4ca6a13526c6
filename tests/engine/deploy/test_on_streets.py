import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.engine.deploy.on_streets import street_demand, street_of
from shouwang.engine.geo.streets import Spots, Streets


def city(side=6, block_m=120.0, seconds=12.0, seed=0, keep=1.0):
    """A grid of two-way streets, some of them left out."""
    rng = np.random.default_rng(seed)
    number = np.arange(side * side).reshape(side, side)
    east = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    north = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    pairs = np.concatenate([east, north])
    pairs = pairs[rng.random(len(pairs)) < keep]
    u, v = np.concatenate([pairs, pairs[:, ::-1]]).T
    y, x = np.divmod(np.arange(side * side), side)
    return Streets.build(
        node_id=np.arange(side * side), x_m=x * block_m, y_m=y * block_m, u=u, v=v,
        length_m=np.full(u.size, block_m), time_s=np.full(u.size, seconds),
        name=[f"{min(a, b)}-{max(a, b)}" for a, b in zip(u, v, strict=True)],
    )  # fmt: skip


@given(st.lists(st.tuples(st.floats(-50, 700), st.floats(-50, 700), st.floats(0, 9)), min_size=1, max_size=30))
def test_all_demand_falls_on_some_street(points):
    streets = city()
    x_m, y_m, weight = np.array(points).T
    demand = street_demand(streets, streets.snap(x_m, y_m), weight)
    own = street_of(streets) == np.arange(streets.edge_count)
    assert demand[own].sum() == pytest.approx(weight.sum())
    back = streets.opposite
    np.testing.assert_allclose(demand, demand[back])


def test_demand_at_a_junction_is_shared_by_its_streets():
    streets = city(3)
    demand = street_demand(streets, Spots.at_nodes(streets.index_of([4])), [8.0])
    assert sorted(set(demand.tolist())) == [0.0, 2.0]
