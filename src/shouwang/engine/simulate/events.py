"""The words in which both cores tell what happened, event by event."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shouwang.engine.terms import AnyArray, FloatArray, IntArray

# Kinds of events.
CALL, QUEUED, LOST, SENT, ARRIVED, DONE, FIRST_SENT, FIRST_ARRIVED, RELIEVED, HOME, MOVED, ON, OFF = range(13)
KINDS = (
    "call", "queued", "lost", "sent", "arrived", "done", "first_sent", "first_arrived", "relieved",
    "home", "moved", "on", "off",
)  # fmt: skip

NONE = -1

# States of a unit; a unit that stands by is a first response with the call.
OFF_DUTY, FREE, DRIVING, ON_SCENE, STANDING_BY = range(5)

EVENT = np.dtype([("time_s", "f8"), ("kind", "i4"), ("call", "i4"), ("unit", "i4")])
"""One event; call or unit is -1 where it concerns none."""


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What became of the calls of one replication, one entry per call; NaN and -1 where nothing did.

    sent_s, arrived_s, done_s: when the unit that serves the call was sent, arrived and finished; unit: which.
    first_unit, first_sent_s, first_arrived_s, first_done_s: the same for a first response. lost: nobody was
    free and nobody waits. events: how many events there were; trace: all of them (`EVENT`), if asked for.
    """

    sent_s: FloatArray
    arrived_s: FloatArray
    done_s: FloatArray
    unit: IntArray
    first_unit: IntArray
    first_sent_s: FloatArray
    first_arrived_s: FloatArray
    first_done_s: FloatArray
    lost: AnyArray
    events: int
    trace: AnyArray | None = None

    def reached_s(self) -> FloatArray:
        """When anybody was with the call first; NaN if nobody came."""
        return np.fmin(self.arrived_s, self.first_arrived_s)
