"""Which free unit to shift where when the others are away: the move that saves most for the seconds driven.

Move-up, or relocation, keeps units spread while some are busy (Gendreau, Laporte and Semet, Journal of the
Operational Research Society 57, 2006). Here one unit moves at a time, and a person decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from shouwang.engine.errors import BadInput, Fault
from shouwang.engine.respond._ranks import move_gains
from shouwang.engine.respond.outlook import Outlook
from shouwang.engine.terms import FloatArray


@dataclass(frozen=True, slots=True)
class Move:
    """A unit and a site (numbers); gain_s: seconds that the next call is answered sooner on average; the drive."""

    unit: int
    site: int
    gain_s: float
    drive_s: float

    @property
    def worth(self) -> float:
        """Seconds saved per call for each second driven."""
        return self.gain_s / max(self.drive_s, 1.0)


def move_ups(
    outlook: Outlook,
    *,
    movable: Sequence[int],
    site_s: FloatArray,
    drive_s: FloatArray,
    least_gain_s: float,
    farthest_s: float = 1200.0,
) -> list[Move]:
    """Moves of one unit that save at least `least_gain_s` per call, the worthiest first.

    movable: numbers of free units that may move. site_s: sites × places of the demand, travel times from each
    site; drive_s: units × sites, infinity where no road leads. Raises `BadInput` for tables that do not fit,
    negative times, or a threshold that is not above 0 (every outlook has some move worth nothing).
    """
    sites = site_s.shape[0]
    _check(outlook, site_s, drive_s, least_gain_s)
    if not sites or not len(movable):
        return []
    share = outlook.rules.first_free
    gain = move_gains(
        outlook.owner, outlook.seconds, outlook.weight, share, outlook.price_s, np.ascontiguousarray(site_s)
    )
    found = [
        Move(int(u), s, float(gain[u, s]), float(drive_s[u, s]))
        for u in movable
        for s in range(sites)
        if gain[u, s] >= least_gain_s and drive_s[u, s] <= farthest_s
    ]
    return sorted(found, key=lambda m: (-m.worth, m.unit, m.site))


@dataclass(frozen=True, slots=True)
class Patience:
    """When a move is proposed: once it has held for `hold_s`; it stays until its gain falls below `keep` of the
    least gain, and gives way only to one that is worth `better` times as much.
    """

    hold_s: float = 60.0
    keep: float = 0.7
    better: float = 1.5


@dataclass(frozen=True, slots=True)
class Proposal:
    """A move that is thought of since `since_s` (any clock that only goes forward)."""

    move: Move
    since_s: float

    def shown(self, now_s: float, patience: Patience) -> bool:
        return now_s - self.since_s >= patience.hold_s


def settle(
    before: Proposal | None, found: Sequence[Move], now_s: float, least_gain_s: float, patience: Patience
) -> Proposal | None:
    """The proposal after a new look, so that it does not flip with every look.

    found: what `move_ups` says now of gains down to `keep` × `least_gain_s`; a new proposal needs all of it.
    """
    new = next((m for m in found if m.gain_s >= least_gain_s), None)
    if before is not None:
        same = next((m for m in found if (m.unit, m.site) == (before.move.unit, before.move.site)), None)
        if same is not None and (new is None or new.worth < patience.better * same.worth):
            return replace(before, move=same)
    return Proposal(new, now_s) if new else None


def _check(outlook: Outlook, site_s: FloatArray, drive_s: FloatArray, least_gain_s: float) -> None:
    faults = []
    if site_s.ndim != 2 or site_s.shape[1] != outlook.weight.size:
        faults.append(Fault("site_s", "there has to be one time per site and place", str(site_s.shape)))
    if drive_s.shape != (outlook.price_s.size, site_s.shape[0]):
        faults.append(Fault("drive_s", "there has to be one time per unit and site", str(drive_s.shape)))
    for name, times in (("site_s", site_s), ("drive_s", drive_s)):
        if not (times >= 0).all():
            faults.append(Fault(name, "a travel time is 0 or more seconds", float(np.nanmin(times))))
    if not least_gain_s > 0:
        faults.append(Fault("least_gain_s", "the least gain has to be above 0", least_gain_s, "Give seconds."))
    if faults:
        raise BadInput(faults)
