"""Who is clocked on at a desk or post, without a unit, calls for help or for a second person."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Refused
from shouwang.desk.log.writing import writing
from shouwang.desk.places import facts as places
from shouwang.desk.roster import facts as rosters

from ..models import CALL_OPEN, Call
from ..terms import NewCall
from .intake import PANIC_TYPE, _on_earth, _open
from .pair import PAIR_TYPE

TYPES = {"panic": PANIC_TYPE, "pair": PAIR_TYPE}
AS_A_CREWS = {"panic": (1, "alarm"), "pair": (None, "patrol")}  # level (None: the type's), source


def call_from_post(*, actor: Actor, now: datetime, kind: str, key: UUID, lon: float | None = None,
                   lat: float | None = None) -> Call:
    """Opens a call as a crew's does (`panic`: of the highest level; `pair`: a second person), where the actor is, else
    at the post. The key is the call's id; while it is open the actor gets the same one. Raises Refused for who is not
    clocked on at a post: off duty nobody's place is taken in."""
    with writing(actor=actor, now=now) as log:
        post = rosters.post_of(actor.id)
        if post is None:
            raise Refused(_("You are off duty: call the desk."), code="off_duty")
        actor.require("dispatch.status")
        kept = Call.objects.select_related("type")
        open_ = kept.filter(type=TYPES[kind], state__in=CALL_OPEN, taken_by=actor.id, panic_unit__isnull=True,
                            place__startswith=post.name)  # not one that they took for somebody else
        if done := kept.filter(id=key).first() or open_.first():
            return done
        here = (lon, lat) if lon is not None and lat is not None and _on_earth(lon, lat) else (post.lon, post.lat)
        crossing = places.nearest_crossing(*here)[0]
        severity, source = AS_A_CREWS[kind]
        new = NewCall(id=key, type=TYPES[kind], place=f"{post.name}，{crossing}附近" if crossing else post.name,
                      lon=here[0], lat=here[1], severity=severity, source=source)
        return _open(log, new, places.locate(*here) or post.area, None)
