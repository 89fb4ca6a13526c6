"""Deny by default: a view or API operation says which permission opens it; the middleware refuses the rest.

Who the request's person is, is told by the room of people, which lies above this one.
"""
from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.db.models import Q
from django.http import HttpRequest

from .actor import Actor
from .errors import Denied

V = TypeVar("V", bound=Callable[..., Any])
SIGNED_IN = "*"  # any signed-in member of staff
PUBLIC = ""

_read: Callable[[HttpRequest], Actor] | None = None


def read_by(read: Callable[[HttpRequest], Actor]) -> None:
    """The room of people registers here how a request's person becomes an actor."""
    global _read
    _read = read


def actor(request: HttpRequest) -> Actor:
    """Who makes this request. Read once per request."""
    if not hasattr(request, "_actor"):
        assert _read is not None
        request._actor = _read(request)  # type: ignore[attr-defined]
    return request._actor  # type: ignore[attr-defined,no-any-return]


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
        # Names in the signature are those of the operation's own module.
        guarded.__signature__ = inspect.signature(operation, eval_str=True)  # type: ignore[attr-defined]
        guarded.needs = permissions  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]
    return wrap


def in_areas(field: str, areas: tuple[str, ...]) -> Q:
    """A filter for rows whose area path `field` lies in one of `areas`. No areas: no rows."""
    q = Q(pk__in=[])
    for path in areas:
        q |= Q(**{f"{field}__startswith": path})
    return q
