"""Proposals as their pages and programs read them."""

from __future__ import annotations

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.workflow.asked import Room

from .models import Proposal

ROOM = Room(Proposal, "beats", run="patrol.plan", view="patrol.view", missing=_("No such proposal in your areas."),
            steps={"": _("Waiting for the worker"), "roads": _("Measuring the roads"), "dividing": _("Drawing borders"),
                   "playing": _("Playing today's beats and the proposed ones")})  # fmt: skip


def proposals(actor: Actor) -> QuerySet[Proposal]:
    """Proposals in the actor's areas, newest first, without their figures but for the change of the mean drive."""
    rows = ROOM.seen(actor).annotate(
        count=F("given__count"), each=F("given__each"), zh=F("given__zh"), en=F("given__en"),
        before_s=F("figures__drive_s__before"), after_s=F("figures__drive_s__after"),
    )  # fmt: skip
    return rows.defer("figures", "given")
