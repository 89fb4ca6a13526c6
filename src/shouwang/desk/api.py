"""The HTTP API, described at /api/openapi.json. Rooms add their routers here."""
from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja.security import django_auth

from shouwang.desk.alarms.api import router as alarms
from shouwang.desk.analysis.api import router as analysis
from shouwang.desk.beats.api import router as beats
from shouwang.desk.brigades.api import router as brigades
from shouwang.desk.bulletins.api import router as bulletins
from shouwang.desk.calls.api import router as calls
from shouwang.desk.channels.api import router as channels
from shouwang.desk.closures.api import router as closures
from shouwang.desk.cordon.api import router as cordon
from shouwang.desk.effects.api import router as effects
from shouwang.desk.events.api import router as events
from shouwang.desk.exchange.api import router as exchange
from shouwang.desk.linked.api import router as linked
from shouwang.desk.log.errors import Denied, Refused
from shouwang.desk.log.live import router as live
from shouwang.desk.log.openapi import API
from shouwang.desk.matters.api import router as matters
from shouwang.desk.mediation.api import router as mediation
from shouwang.desk.norms.api import router as norms
from shouwang.desk.patrol.api import router as patrol
from shouwang.desk.people.middleware import refuse
from shouwang.desk.people.tokens import TokenAuth
from shouwang.desk.phone.api import router as phone
from shouwang.desk.quality.api import router as quality
from shouwang.desk.replay.api import router as replay
from shouwang.desk.roster.api import router as roster
from shouwang.desk.sites.api import router as sites
from shouwang.desk.units.api import router as units
from shouwang.desk.volunteers.api import router as volunteers
from shouwang.desk.watch.api import router as watch
from shouwang.desk.whatif.api import router as whatif
from shouwang.desk.workflow.api import router as settings

api = API(title="Shouwang", version="1", auth=[TokenAuth(), django_auth], urls_namespace="api", docs_url=None)
api.add_router("", live)
api.add_router("", units)
api.add_router("", sites)
api.add_router("", closures)
api.add_router("", calls)
api.add_router("", patrol)
api.add_router("", cordon)
api.add_router("", whatif)
api.add_router("", beats)
api.add_router("", roster)
api.add_router("", brigades)
api.add_router("", effects)
api.add_router("", analysis)
api.add_router("", replay)
api.add_router("", linked)
api.add_router("", watch)
api.add_router("", alarms)
api.add_router("", matters)
api.add_router("", exchange)
api.add_router("", norms)
api.add_router("", volunteers)
api.add_router("", events)
api.add_router("", channels)
api.add_router("", mediation)
api.add_router("", quality)
api.add_router("", bulletins)
api.add_router("", phone)
api.add_router("", settings)


@api.exception_handler(Denied)
@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Any) -> HttpResponse:
    return refuse(request, error)
