"""What a volunteer sees on a phone, by the link in a message: no account, nothing of other volunteers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.gate import public
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.names import names
from shouwang.desk.log.posted import given_id
from shouwang.desk.places import facts as places

from . import actions, facts, links
from .terms import CALLS, SEEN


@require_http_methods(["GET", "POST"])
@never_cache
@ensure_csrf_cookie
@public
def notice(request: HttpRequest, token: str) -> HttpResponse:
    """What is asked, and the answer to it, which goes to the desk alone."""
    if (again := _language(request)) is not None:
        return again
    now, fault = timezone.now(), None
    try:
        message = links.message_of(token, now)
        assert message.notice is not None
        if request.method == "POST":
            try:
                actions.answer(now=now, message=message, what=request.POST.get("what", "")[:8],
                               text=request.POST.get("text", ""), place=request.POST.get("place", ""),
                               lon=_degrees(request.POST.get("lon")), lat=_degrees(request.POST.get("lat")),
                               key=given_id(request.POST.get("key")))
                return _plain(redirect(f"{request.path}?sent=yes"))
            except Refused as error:
                if isinstance(error, links.Over):
                    raise
                fault = error
        actions.note_opened(message, now)
    except (Missing, links.Over) as refusal:
        return _over(request, refusal)
    row = message.notice
    return _plain(render(request, "volunteers/link.html", {
        "row": row, "heading": facts.heading(row), "text": actions.read_text(row), "seen": SEEN, "fault": fault,
        "by": names("user", [row.by]).get(row.by, "") if row.kind == "lookout" else "", "key": new_id(),
        "area": places.area_names().get(row.area), "sent": request.GET.get("sent"), "typed": request.POST,
        "answered": message.answers.count()}, status=fault.status if fault else 200))


@require_GET
@never_cache
@public
def picture(request: HttpRequest, token: str) -> HttpResponse:
    """The picture of a look-out, as long as it holds."""
    message = links.message_of(token, timezone.now())
    assert message.notice is not None
    return _plain(HttpResponse(actions.picture(message.notice), content_type="image/jpeg"))


@require_http_methods(["GET", "POST"])
@never_cache
@ensure_csrf_cookie
@public
def bell(request: HttpRequest, token: str) -> HttpResponse:
    """The standing link of a household: one press calls its neighbours' group."""
    if (again := _language(request)) is not None:
        return again
    now, fault = timezone.now(), None
    try:
        member = links.member_of(token)
        if request.method == "POST":
            try:
                made = actions.call_group(
                    actor=None, now=now, group_id=member.group_id or "", caller=member,
                    about=request.POST.get("about", "")[:10], key=given_id(request.POST.get("key")))
                return _plain(redirect(f"{request.path}?called={made.told}"))
            except Refused as error:
                fault = error
    except (Missing, links.Over) as refusal:
        return _over(request, refusal)
    return _plain(render(request, "volunteers/bell.html", {
        "group": member.group, "calls": CALLS, "fault": fault, "key": new_id(),
        "called": request.GET.get("called", "")[:3]}, status=fault.status if fault else 200))


def _language(request: HttpRequest) -> HttpResponse | None:
    if (language := request.GET.get("l", "")) not in dict(settings.LANGUAGES):
        return None
    again = redirect(request.path)
    again.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=31536000, samesite="Lax")
    return _plain(again)


def _over(request: HttpRequest, refusal: Refused) -> HttpResponse:
    return _plain(render(request, "volunteers/over.html", {"message": refusal.message}, status=refusal.status))


def _plain(page: Any) -> HttpResponse:
    page["X-Robots-Tag"] = "noindex, nofollow"
    answer: HttpResponse = page
    return answer


def _degrees(text: str | None) -> float | None:
    try:
        return round(float(text or ""), 5)
    except ValueError:
        return None
