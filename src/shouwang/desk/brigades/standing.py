"""Why a member may not go on duty: told to the room of units when somebody clocks on."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from . import facts
from .terms import TAUGHT


def why_not(user_id: str, now: datetime) -> str:
    lacks = facts.not_ready(user_id, now)
    if not lacks:
        return ""
    return _("Before the first duty these are to be passed: %(subjects)s.") % {
        "subjects": ", ".join(str(TAUGHT[s]) for s in lacks)}
