"""Calls for help, and for a second person, of whoever is clocked on: with a unit, or at a post without one."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from shouwang.desk.calls import actions as calls
from shouwang.desk.log.actor import Actor


def cry(*, actor: Actor, now: datetime, kind: str, key: UUID, lon: float | None, lat: float | None) -> Any:
    """The call that it opened, or that is open for it already. `kind`: panic or pair."""
    asked: dict[str, Any] = {"actor": actor, "now": now, "key": key, "lon": lon, "lat": lat}
    if not actor.unit:
        return calls.call_from_post(**asked, kind=kind)
    return (calls.panic_call if kind == "panic" else calls.pair_call)(**asked, unit_id=actor.unit)
