"""The reader's language and theme: cookies on this device, kept in the account for the next one."""
from __future__ import annotations

from typing import TypeVar

from django.conf import settings
from django.http import HttpResponseBase

R = TypeVar("R", bound=HttpResponseBase)
THEMES = ("light", "dark", "")  # "": as the system says
YEAR_S = 365 * 86400


def remember(response: R, *, language: str | None = None, theme: str | None = None) -> R:
    for name, value in ((settings.LANGUAGE_COOKIE_NAME, language), ("theme", theme)):
        if value is not None:
            response.set_cookie(name, value, max_age=YEAR_S, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return response
