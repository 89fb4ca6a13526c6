"""Language and time zone of the reader; access; what an action refused, as a page or JSON."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Denied, Refused
from shouwang.desk.workflow.settings import get as setting

from .access import PUBLIC, SIGNED_IN, actor
from .permissions import permissions

Get = Callable[[HttpRequest], HttpResponse]
OPEN_MODULES = (
    "django.contrib.staticfiles.",
    "django.views.i18n",
    "django.views.generic.base",
)  # files, texts, redirects
NOUGHT = re.compile(rb"\x00|(?<!\\)(?:\\\\)*\\u0000")
GUARDED_MODULES = ("allauth.", "ninja.")  # guard themselves: sign-in pages are open, operations say `opens`


class LanguageMiddleware:
    """Chinese unless the reader chose otherwise (cookie, kept in the account too). Times in the district's zone."""

    def __init__(self, get_response: Get) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, settings.LANGUAGE_CODE)
        if language not in dict(settings.LANGUAGES):
            language = settings.LANGUAGE_CODE
        with translation.override(language), timezone.override(ZoneInfo(setting("time_zone"))):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
        patch_vary_headers(response, ["Cookie"])
        return response


class AccessMiddleware:
    def __init__(self, get_response: Get) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if holds_nought(request):
            return answer(request, 400, _("The request holds a character with the code 0, which no text has. Leave it "
                                          "out and send it again."), code="nought")
        module = module_of(view)
        if getattr(request.user, "password_given", False) and not module.startswith((*OPEN_MODULES, "allauth.")):
            return own_password_first(request)
        if module.startswith(OPEN_MODULES + GUARDED_MODULES):
            return None
        wanted: tuple[str, ...] = getattr(view, "needs", ())
        if PUBLIC in wanted:
            return None
        if not request.user.is_authenticated:
            if request.path.startswith("/api/") or request.headers.get("HX-Request"):
                return JsonResponse({"detail": _("Sign in first.")}, status=401)
            return redirect_to_login(request.get_full_path())
        who = actor(request)
        if SIGNED_IN in wanted or any(who.may(p) for p in wanted):
            return None
        return refuse(request, Denied(wanted[0] if wanted else "nothing"))

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return refuse(request, error) if isinstance(error, Denied | Refused) else None


def holds_nought(request: HttpRequest) -> bool:
    """A nought is text to no database. Forms look at each of their fields; here are addresses and JSON."""
    return ("\x00" in request.path or "%00" in request.META.get("QUERY_STRING", "")
            or (request.content_type == "application/json" and NOUGHT.search(request.body) is not None))


def own_password_first(request: HttpRequest) -> HttpResponse:
    """Who signed in with a password that an administrator had read changes it before anything else opens."""
    text = _("Change the password you were given first.")
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)  # a part of the page that asks by itself stays as it is
    if request.path.startswith("/api/"):
        return answer(request, 403, text, code="password_given")
    messages.info(request, text)
    return redirect("account_change_password")


def module_of(view: Any) -> str:
    """The module of the function behind a view (a class, a partial, or itself)."""
    view = getattr(view, "view_class", getattr(view, "func", view))
    return str(view.__module__)


def explain(error: Denied | Refused) -> tuple[int, str]:
    if isinstance(error, Refused):
        return error.status, str(error.message)
    known = permissions().get(error.permission)
    return 403, _("You may not do this here: it needs “%(permission)s”.") % {
        "permission": known.label if known else error.permission
    }


def refuse(request: HttpRequest, error: Denied | Refused) -> HttpResponse:
    """The refusal in the form the caller reads: JSON for programs and scripts, a page for people."""
    status, message = explain(error)
    return answer(request, status, message, field=getattr(error, "field", ""), code=getattr(error, "code", ""))


def answer(request: HttpRequest, status: int, message: str, *, field: str = "", code: str = "") -> HttpResponse:
    """What went wrong, as JSON for programs and scripts, as a page for people."""
    if (
        request.path.startswith("/api/")
        or "application/json" in request.headers.get("Accept", "")
        or request.headers.get("HX-Request")
        or request.content_type == "application/json"
    ):
        return JsonResponse({"detail": message, "field": field, "code": code or "denied"}, status=status)
    return render(request, "refused.html", {"message": message, "status": status}, status=status)
