"""Pages for addresses that lead nowhere, requests that cannot be read, and faults of the centre itself."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from .middleware import answer


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 404, _("There is no such page. The address may be mistyped, or what stood there is gone."),
                  code="missing")


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 400, _("The request could not be read. Go back and try again."), code="unreadable")


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's check against requests from elsewhere: mostly a page that lay open since before a new sign-in."""
    return answer(request, 403, _("This page is from before you signed in. Go back, load it again, and repeat."),
                  code="csrf")


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of the centre. Rendered without the database, which may be the fault."""
    told: dict[str, Any] = {"detail": _("Something went wrong at the centre. Nothing was lost that had been saved.")}
    return HttpResponse(render_to_string("broken.html", told), status=500)
