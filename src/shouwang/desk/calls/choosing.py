"""Which of the units that can go is recommended. Pure: times and prices in, an order with reasons out."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

BREAK_S = 60.0  # what calling a crew back from its break is worth, in seconds of arrival
STALE_S = 30.0  # what an old position is worth: the unit may be elsewhere
FIRST_S = 45.0  # what it is worth that a unit of the service itself comes, and not another with the skill
COVER_S = 600.0  # losing all cover is worth ten minutes; losing a twentieth, half a minute
WORTH_SAYING = 0.005  # half a point of cover


@dataclass(frozen=True)
class Candidate:
    """A free unit that can go. `eta_s`: turn-out and road; `cover_lost`: the share of the area's expected calls that
    nobody else of its service would reach in time; `position_age_s` None: it stands at its post."""

    unit: UUID
    eta_s: float
    distance_m: float
    own: bool = True  # of the service itself; else it can give a first response
    on_break: bool = False
    stale: bool = False
    position_age_s: float | None = None
    cover_lost: float = 0.0
    nearest: bool = False
    recommended: bool = False
    why: tuple[str, ...] = ()


def cost(c: Candidate, severity: int) -> float:
    """Seconds of arrival, and what speaks against the unit in seconds. At level 1 the price in cover does not count:
    a life in danger is not weighed against calls that may come."""
    price = 0.0 if severity == 1 else COVER_S * c.cover_lost
    return c.eta_s + price + BREAK_S * c.on_break + STALE_S * c.stale + FIRST_S * (not c.own)


def choose(found: Sequence[Candidate], *, wanted: int, severity: int, limit: int) -> list[Candidate]:
    """The candidates in order of cost, at most `limit` and always the nearest with them; the first `wanted` are
    recommended. Each says why."""
    if not found:
        return []
    ordered = sorted(found, key=lambda c: (cost(c, severity), c.eta_s, str(c.unit)))
    nearest = min(found, key=lambda c: (c.eta_s, str(c.unit)))
    shown = ordered[:limit]
    if nearest not in shown:
        shown = [*shown[:-1], nearest]
    return [replace(c, nearest=c is nearest, recommended=n < wanted, why=_why(c, nearest, recommended=n < wanted))
            for n, c in enumerate(shown)]


def _why(c: Candidate, nearest: Candidate, *, recommended: bool) -> tuple[str, ...]:
    """Codes of reasons, the deciding one first."""
    reasons = []
    if c is nearest:
        reasons.append("nearest")
    elif recommended and nearest.cover_lost - c.cover_lost >= WORTH_SAYING:
        reasons.append("saves_cover")
    elif recommended:
        reasons.append("soon")
    if not c.own:
        reasons.append("first_response")
    if c.on_break:
        reasons.append("on_break")
    if c.stale:
        reasons.append("stale")
    if not recommended and c.cover_lost >= WORTH_SAYING:
        reasons.append("costs_cover")
    return tuple(reasons)
