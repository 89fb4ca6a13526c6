"""Where permanent checkpoints would meet the most through trips."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Refused
from shouwang.engine.cordon.checkpoints import Checkpoints as Placed
from shouwang.engine.cordon.checkpoints import Trips
from shouwang.engine.cordon.checkpoints import checkpoints as place
from shouwang.engine.errors import NoAnswer
from shouwang.engine.geo.travel import Travel
from shouwang.engine.solve.stop import TimeLimit

from .. import facts
from ..terms import Checkpoint, Checkpoints
from .ground import exit_nodes, place_of, roads

LIMIT_S, LONGER_S = 2.0, 15.0


def checkpoints(count: int, *, areas: tuple[str, ...], limit_s: float) -> Checkpoints:
    """Up to `count` places that meet the most trips between exits, each pair of exits one trip each way. Raises Refused
    with fewer than two exits."""
    travel = roads()
    nodes, named = exit_nodes(travel.streets, facts.exits(areas))
    if nodes.size < 2:
        raise Refused(_("Through trips go from exit to exit: name at least two exits."), field="exits", code="exits")
    try:
        found = _found(travel, tuple(nodes.tolist()), count, limit_s)
    except NoAnswer:
        raise Refused(_("No road leads from one exit to another."), field="exits", code="exits") from None
    proof = found.certificate
    at_exit = dict(zip(nodes.tolist(), named, strict=True))
    places = [Checkpoint(at_exit.get(n) or place_of(travel.streets, n), float(trips))
              for n, trips in zip(found.node.tolist(), found.passing, strict=True)]  # fmt: skip
    return Checkpoints(places, proof.objective, proof.bound, proof.gap, proof.status, found.all_trips, named)


@lru_cache(maxsize=8)
def _found(travel: Travel, nodes: tuple[int, ...], count: int, limit_s: float) -> Placed:
    """The same streets, exits and number have the same answer: it is looked for once."""
    return place(travel, Trips.between(np.array(nodes)), count, stop=TimeLimit(limit_s))
