"""What the pages of this room share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.gate import actor
from shouwang.desk.log.posted import given_id, given_version
from shouwang.desk.workflow.zone import day_of

from .. import facts
from ..models import Team
from ..terms import SEE

PER_PAGE = 50


class Sent:
    """A form that was sent: who, when, with which key and version. `act` does what its form says, with every refusal
    at its field; `fault` keeps what belongs to none."""

    def __init__(self, request: HttpRequest) -> None:
        self.post, self.who, self.now = request.POST, actor(request), timezone.now()
        self.do = self.post.get("do", "")
        self.key = given_id(self.post.get("key"))
        self.version = given_version(self.post.get("version"))
        self.fault: Refused | None = None
        self.form: forms.Form | None = None

    @property
    def by(self) -> dict[str, Any]:
        return {"actor": self.who, "now": self.now, "key": self.key}

    @property
    def bad(self) -> bool:
        return self.fault is not None or bool(self.form and self.form.errors)

    def named(self, name: str) -> UUID:
        """The id sent under a name. Raises Missing for none."""
        found = given_id(self.post.get(name))
        if found is None:
            raise Missing(_("It has been changed meanwhile. Look at it again."), code=name)
        return found

    def act(self, form: forms.Form | None, do: Callable[[], Any]) -> Any:
        """What the action gives; None when something has to be mended first."""
        self.form = form
        if form is not None and not form.is_valid():
            return None
        try:
            return do()
        except Missing:
            raise
        except Refused as error:
            if form is not None and error.field in form.fields:
                form.add_error(error.field, str(error.message))
            else:
                self.fault = error
            return None


def teams_for(who: Actor, permission: str = SEE) -> list[Team]:
    return list(facts.teams_in(who.areas(permission)))


def today() -> date:
    return day_of(timezone.now())
