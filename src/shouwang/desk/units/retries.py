"""Retries and races: a client that asks twice with one key gets the first answer again, and never a second deed."""
from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import IntegrityError
from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Conflict
from shouwang.desk.log.writing import already_written

P = ParamSpec("P")
R = TypeVar("R")


def once(action: Callable[P, R]) -> Callable[P, R]:
    """For actions with a `key` (the client's event id) that answer at once when the key is already written.

    Two requests with one key at the same moment: the second runs into the first, sees the key, and answers as it did.
    A broken uniqueness of the database without such a key means that somebody else was first: Conflict.
    """
    @wraps(action)
    def run(*args: P.args, **given: P.kwargs) -> R:
        try:
            return action(*args, **given)
        except (Conflict, IntegrityError) as error:
            if already_written(given.get("key")):  # type: ignore[arg-type]
                return action(*args, **given)
            if isinstance(error, IntegrityError):
                raise Conflict(_("Somebody else was first. Look again."), code="raced") from error
            raise
    return run
