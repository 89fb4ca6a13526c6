"""GCJ-02 against values that others published."""
from __future__ import annotations

import pytest

from shouwang.engine.geo.gcj02 import from_wgs84, to_wgs84

# From the tests of googollee/eviltransform, which many ports are held to.
KNOWN = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
]


@pytest.mark.parametrize(("wgs84", "gcj02"), KNOWN)
def test_both_ways(wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    assert from_wgs84(*wgs84) == pytest.approx(gcj02, abs=1e-9)
    assert to_wgs84(*gcj02) == pytest.approx(wgs84, abs=1e-8)


def test_outside_china_nothing_is_shifted() -> None:
    assert from_wgs84(-90.2, 38.63) == to_wgs84(-90.2, 38.63) == (-90.2, 38.63)
