"""Deny by default: a view says which permission opens it, or that it is public; the middleware refuses the rest."""
from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.db.models import Q
from django.http import HttpRequest

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Denied

from .crew import unit_of
from .models import Grant, User

V = TypeVar("V", bound=Callable[..., Any])
SIGNED_IN = "*"  # any signed-in member of staff
PUBLIC = ""


def needs(*permissions: str) -> Callable[[V], V]:
    """The view opens to whoever holds one of the permissions anywhere; its action checks the area itself."""
    def mark(view: V) -> V:
        view.needs = permissions  # type: ignore[attr-defined]
        return view
    return mark


def public(view: V) -> V:
    """The view opens without an account."""
    view.needs = (PUBLIC,)  # type: ignore[attr-defined]
    view.login_required = False  # type: ignore[attr-defined]
    return view


signed_in = needs(SIGNED_IN)


def opens(*permissions: str) -> Callable[[V], V]:
    """The same for an operation of the API, which the middleware leaves to itself."""
    def wrap(operation: V) -> V:
        @wraps(operation)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            who = actor(request)
            if SIGNED_IN not in permissions and not any(who.may(p) for p in permissions):
                raise Denied(permissions[0])
            return operation(request, *args, **kwargs)
        guarded.needs = permissions  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]
    return wrap


def actor_of(user: User) -> Actor:
    """The user as an actor with the grants in force now."""
    held: dict[str, set[str]] = {}
    for area, permissions in Grant.objects.filter(user=user).values_list("area", "role__permissions"):
        for permission in permissions:
            held.setdefault(permission, set()).add(area)
    return Actor(id=str(user.id), name=user.name, grants={p: tuple(sorted(a)) for p, a in held.items()},
                 unit=unit_of(str(user.id)))


def actor(request: HttpRequest) -> Actor:
    """Who makes this request. Read once per request."""
    if not hasattr(request, "_actor"):
        assert isinstance(request.user, User)
        request._actor = actor_of(request.user)  # type: ignore[attr-defined]
    return request._actor  # type: ignore[attr-defined,no-any-return]


def in_areas(field: str, areas: tuple[str, ...]) -> Q:
    """A filter for rows whose area path `field` lies in one of `areas`. No areas: no rows."""
    q = Q(pk__in=[])
    for path in areas:
        q |= Q(**{f"{field}__startswith": path})
    return q
