"""The way in, the reader's own page, language and theme."""
from __future__ import annotations

import json

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from shouwang.desk.log.gate import actor, public, signed_in
from shouwang.desk.log.models import Event
from shouwang.desk.log.names import names

from . import actions, nav, tokens
from .forms import TokenForm
from .look import THEMES, remember
from .models import Grant, Token, User
from .permissions import permissions


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """Where a person's day begins: a unit's crew and grid workers on the phone, a call-taker with a call, others at the
    first entry of their bar that is a beginning."""
    who = actor(request)
    if who.may("position.own") and not who.may("dispatch.recommend"):
        return redirect("/m/" if who.may("dispatch.status") else "/m/matters/")
    if who.may("call.take") and not who.may("dispatch.assign"):
        return redirect("call.new")
    first = next((e for e in nav.entries(who) if e.begins), None)
    return redirect(first.route) if first else render(request, "home.html")


@signed_in
def me(request: HttpRequest, form: TokenForm | None = None, secret: str = "") -> HttpResponse:
    """What the centre holds about the reader: roles, duty, keys for programs, ways to sign in."""
    user = _user(request)
    grants = list(Grant.objects.filter(user=user).select_related("role").order_by("area"))
    places = names("area", (g.area for g in grants))
    return render(request, "people/me.html", {
        "me": user, "grants": [(g.role, places.get(g.area, g.area)) for g in grants],
        "unit": names("unit", [actor(request).unit]).get(actor(request).unit, ""),
        "may": sorted(p.label for code, p in permissions().items() if actor(request).may(code)),
        "tokens": Token.objects.filter(user=user).order_by("-made_at"), "form": form or TokenForm(), "secret": secret,
        "second_factor": is_mfa_enabled(user)}, status=422 if form and form.errors else 200)


@signed_in
@require_POST
def new_token(request: HttpRequest) -> HttpResponse:
    form = TokenForm(request.POST)
    if not form.is_valid():
        return me(request, form)
    secret = tokens.make_token(actor=actor(request), now=timezone.now(), **form.cleaned_data)
    response = me(request, secret=secret)
    response.headers["Cache-Control"] = "no-store"
    return response


@signed_in
@require_POST
def drop_token(request: HttpRequest, token_id: str) -> HttpResponse:
    tokens.drop_token(actor=actor(request), now=timezone.now(), token_id=token_id)
    return redirect("me")


@signed_in
def export(request: HttpRequest) -> HttpResponse:
    """The reader's own record as a file: the account, roles, duty and what they did."""
    user = _user(request)
    events = Event.objects.filter(actor=str(user.id)).order_by("-seq")
    about = Event.objects.filter(subject_kind="user", subject=str(user.id)).exclude(actor=str(user.id)).order_by("-seq")
    record = {
        "account": {"username": user.username, "name": user.name, "staff_no": user.staff_no, "email": user.email,
                    "language": user.language, "last_sign_in": user.last_login},
        "roles": list(Grant.objects.filter(user=user).values("role", "area")),
        "keys": list(Token.objects.filter(user=user).values("name", "made_at", "expires_at", "used_at")),
        "did": list(events.values("seq", "at", "kind", "subject_kind", "subject", "area")),
        "done_to_the_account": list(about.values("seq", "at", "kind")),
    }
    return HttpResponse(json.dumps(record, ensure_ascii=False, indent=1, default=str), content_type="application/json",
                        headers={"Content-Disposition": 'attachment; filename="my-record.json"'})


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        raise Http404
    return _keep(request, language=chosen)


@public
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("theme", "")
    if chosen not in THEMES:
        raise Http404
    return _keep(request, theme=chosen)


@public
def closed(request: HttpRequest) -> HttpResponse:
    """Stands before pages of the sign-in library that this centre does not use (signing up, mail addresses)."""
    raise Http404


def _keep(request: HttpRequest, **look: str) -> HttpResponse:
    if request.user.is_authenticated:
        actions.set_look(user_id=request.user.pk, **look)
    back = request.POST.get("next") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    return remember(redirect(back), **look)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
