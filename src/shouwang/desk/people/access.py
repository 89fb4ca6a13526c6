"""What a member of staff may do now. The marks of views (`needs`, `opens`, …) stand in log/gate.py and are
handed on here."""

from __future__ import annotations

from django.http import HttpRequest

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.gate import PUBLIC, SIGNED_IN, actor, in_areas, needs, opens, public, signed_in

from .crew import unit_of
from .models import Grant, User

__all__ = [
    "PUBLIC",
    "SIGNED_IN",
    "actor",
    "actor_of",
    "in_areas",
    "needs",
    "opens",
    "public",
    "read_actor",
    "signed_in",
]


def actor_of(user: User) -> Actor:
    """The user as an actor with the grants in force now."""
    held: dict[str, set[str]] = {}
    for area, permissions in Grant.objects.filter(user=user).values_list("area", "role__permissions"):
        for permission in permissions:
            held.setdefault(permission, set()).add(area)
    return Actor(
        id=str(user.id),
        name=user.name,
        grants={p: tuple(sorted(a)) for p, a in held.items()},
        unit=unit_of(str(user.id)),
    )


def read_actor(request: HttpRequest) -> Actor:
    assert isinstance(request.user, User)
    return actor_of(request.user)
