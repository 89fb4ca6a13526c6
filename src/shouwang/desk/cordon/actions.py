"""Naming exits that were suggested. What a ring says is sent by the room of calls; nothing of it is kept here."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Denied, Refused
from shouwang.desk.log.writing import writing
from shouwang.desk.places import facts as places

from . import advice, facts
from .models import Exit

KEEP = ("config.edit", "patrol.plan")


def require(actor: Actor) -> str:
    """The district whose exits the actor keeps. Raises Denied."""
    top = places.district()
    area = top.area if top else ""
    if not any(actor.may(p, area) for p in KEEP):
        raise Denied(KEEP[0], area)
    return area


def add_suggested(*, actor: Actor, now: datetime, nodes: Collection[int]) -> list[Exit]:
    """Names those suggested exits that were picked (by junction). Raises Refused when none of them is suggested any
    more: somebody else has named them meanwhile."""
    area = require(actor)
    picked = [s for s in advice.suggested(area) if s.node in nodes]
    if not picked:
        raise Refused(_("Tick at least one place that is not named yet."), field="node", code="needs")
    with writing(actor=actor, now=now) as log:
        made = []
        for place in (s.place for s in picked):
            row = Exit.objects.create(
                zh=place.zh[:80], en=place.en[:80], lon=place.lon, lat=place.lat,
                area=facts.area_at(place.lon, place.lat),
            )  # fmt: skip
            log.append("settings.added", subject=("exits", row.id), area=row.area, may=KEEP[0],
                       payload={"row": {"zh": row.zh, "en": row.en, "lon": row.lon, "lat": row.lat}})  # fmt: skip
            made.append(row)
    return made
