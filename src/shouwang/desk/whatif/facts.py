"""Comparisons as their pages and programs read them."""

from __future__ import annotations

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.workflow.asked import Room

from .models import Study

ROOM = Room(Study, "whatif", run="whatif.run", view="whatif.view", missing=_("No such comparison in your areas."),
            steps={"": _("Waiting for the worker"), "calls": _("Reading calls"), "roads": _("Measuring the roads"),
                   "playing": _("Playing both scenarios")})  # fmt: skip


def studies(actor: Actor, typed: str = "") -> QuerySet[Study]:
    """Comparisons in the actor's areas, newest first, without their figures; `typed`: a part of the title."""
    rows = ROOM.seen(actor).annotate(change=F("figures__change__within"))
    rows = rows.filter(title__icontains=typed) if typed else rows
    return rows.defer("figures", "given")
