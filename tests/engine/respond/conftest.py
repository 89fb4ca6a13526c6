"""A street that can be counted in the head."""

import numpy as np

from shouwang.engine.geo.streets import Streets


def line(nodes=6, seconds=10.0):
    """A two-way street of nodes 0 … n-1, 120 m and so many seconds apart."""
    u = np.concatenate([np.arange(nodes - 1), np.arange(1, nodes)])
    v = np.concatenate([np.arange(1, nodes), np.arange(nodes - 1)])
    size = 2 * (nodes - 1)
    return Streets.build(
        node_id=np.arange(nodes), x_m=np.arange(nodes) * 120.0, y_m=np.zeros(nodes), u=u, v=v,
        length_m=np.full(size, 120.0), time_s=np.full(size, seconds),
    )  # fmt: skip
