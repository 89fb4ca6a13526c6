"""The link by which an agency answers: signed, for one task, until a time, and no longer than the next one is made."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.workflow.agencies import agencies

from .models import Task

SALT = "linked"


class Over(Refused):
    """The link was good once."""

    status = 410


def path_of(task: Task) -> str:
    return reverse("linked.answer", args=[signing.dumps([task.id.hex, task.link], salt=SALT)])


def task_of(token: str, now: datetime) -> Task:
    """The task that a link opens. Raises Missing for one that was never made here, Over for one that has served."""
    try:
        key, link = signing.loads(token, salt=SALT)
        task = Task.objects.filter(id=UUID(str(key))).first()
    except (signing.BadSignature, ValueError, TypeError):
        task = None
    if task is None:
        raise Missing(_("This link is not one of ours. Check that it is whole."), code="link")
    if task.link != link or task.link_until <= now:
        raise Over(_("This link is over. Ask the centre for a new one."), code="link")
    return task


def agency(task: Task) -> Actor:
    """Who answers by the link: the agency, which may do nothing but that, there."""
    known = agencies().get(task.agency)
    return Actor(f"agency:{task.agency}"[:64], known.name if known else task.agency, "system",
                 {"task.answer": (task.area,)})
