"""Accounts and roles, for the administrator."""

from __future__ import annotations

import csv
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Refused
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.log.names import ground, names
from shouwang.desk.log.posted import given_id
from shouwang.desk.workflow import sheet
from shouwang.desk.workflow.views import safe_cell

from . import actions
from .facts import people_in_reach
from .forms import NewPersonForm, PersonForm
from .models import Grant, Role, User
from .permissions import permissions

MANAGE = actions.MANAGE
PER_PAGE = 50


@needs(MANAGE)
def users(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:80]
    page = Paginator(_found(actor(request), query), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "people/users.html",
        {**_frame(request), "page": page, "query": query, "lines": _with_roles(list(page.object_list))},
    )


@needs(MANAGE)
def export(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(
        "\ufeff",
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="users.csv"'},
    )
    out = csv.writer(response)
    out.writerow([_("Sign-in name"), _("Full name"), _("Staff number"), _("Roles"), _("Account open")])
    for user, roles in _with_roles(_found(actor(request), request.GET.get("q", "").strip()[:80])):
        held = "; ".join(f"{role} ({place})" for role, place in roles)
        out.writerow(
            [safe_cell(c) for c in (user.username, user.name, user.staff_no, held, "✓" if user.is_active else "")]
        )
    return response


@needs(MANAGE)
def new(request: HttpRequest) -> HttpResponse:
    form = NewPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user, password = actions.create_user(actor=actor(request), now=timezone.now(), **form.cleaned_data)
        except Refused as error:
            form.add_error(error.field or None, str(error.message))
        else:
            return _person(request, user, password=password)
    return render(
        request,
        "people/user_new.html",
        {**_frame(request), "form": form},
        status=422 if request.method == "POST" else 200,
    )


@needs(MANAGE)
def user(request: HttpRequest, user_id: str) -> HttpResponse:
    """One account: who, roles, password, open or closed."""
    found = _one(request, user_id)
    if request.method != "POST":
        return _person(request, found)
    form = PersonForm(request.POST, instance=User.objects.get(id=found.id))
    if not form.is_valid():
        return _person(request, found, form=form)
    actions.amend_user(actor=actor(request), now=timezone.now(), user_id=found.id, **form.cleaned_data)
    return redirect("settings.user", found.id)


@needs(MANAGE)
@require_POST
def act(request: HttpRequest, user_id: str, what: str) -> HttpResponse:
    """A step with a reason: grant, revoke, reset, deactivate, activate. A refusal shows the page again."""
    found, who, now, post = _one(request, user_id), actor(request), timezone.now(), request.POST
    reason, password = post.get("reason", "")[:500], ""
    try:
        if what == "grant":
            actions.grant(
                actor=who,
                now=now,
                user_id=found.id,
                role=post.get("role", ""),
                area=post.get("area", ""),
                reason=reason,
            )
        elif what == "revoke":
            actions.revoke(actor=who, now=now, grant_id=given_id(post.get("grant", "")), reason=reason)
        elif what == "reset":
            password = actions.reset_password(actor=who, now=now, user_id=found.id, reason=reason)
        else:
            step = actions.deactivate if what == "deactivate" else actions.activate
            step(actor=who, now=now, user_id=found.id, reason=reason)
    except Refused as error:
        return _person(request, found, refused=str(error.message), tried=what, status=error.status)
    return _person(request, found, password=password) if password else redirect("settings.user", found.id)


@needs(MANAGE)
def roles(request: HttpRequest) -> HttpResponse:
    """What each role may do. Roles come with the version; who holds them where is the administrator's."""
    known = permissions()
    held = Grant.objects.filter(user__is_active=True).values_list("role_id", flat=True)
    rows = [
        {
            "role": role,
            "may": [known[p].label for p in role.permissions if p in known],
            "holders": sum(1 for r in held if r == role.code),
        }
        for role in Role.objects.order_by("code")
    ]
    return render(request, "people/roles.html", {**_frame(request, "roles"), "rows": rows})


def _person(
    request: HttpRequest,
    found: User,
    *,
    form: PersonForm | None = None,
    password: str = "",
    refused: str = "",
    tried: str = "",
    status: int = 200,
) -> HttpResponse:
    who = actor(request)
    found = User.objects.get(id=found.id)
    grants = list(Grant.objects.filter(user=found).select_related("role").order_by("area", "role"))
    places = names("area", (g.area for g in grants))
    mine = [g for g in ground() if who.may(MANAGE, g.path)]
    response = render(
        request,
        "people/user.html",
        {
            **_frame(request),
            "person": found,
            "form": form or PersonForm(instance=found),
            "password": password,
            "refused": refused,
            "tried": tried,
            "reason": request.POST.get("reason", ""),
            "roles": Role.objects.order_by("code"),
            "ground": mine,
            "grants": [(g, places.get(g.area, g.area), who.may(MANAGE, g.area)) for g in grants],
            "own": all(who.may(MANAGE, g.area) for g in grants),
            "self": str(found.id) == who.id,
        },
        status=422 if form else status,
    )
    if password:
        response.headers["Cache-Control"] = "no-store"
    return response


def _one(request: HttpRequest, user_id: str) -> User:
    found = people_in_reach(actor(request)).filter(id=user_id).first()
    if found is None:
        raise Http404
    return found


def _found(who: Actor, query: str) -> list[User]:
    rows = list(people_in_reach(who))
    words = query.casefold().split()
    return [u for u in rows if all(w in f"{u.username} {u.name} {u.staff_no}".casefold() for w in words)]


def _with_roles(people: list[User]) -> list[tuple[User, list[tuple[Role, str]]]]:
    grants = list(Grant.objects.filter(user__in=people).select_related("role").order_by("area"))
    places = names("area", (g.area for g in grants))
    return [(u, [(g.role, places.get(g.area, g.area)) for g in grants if g.user_id == u.id]) for u in people]


def _frame(request: HttpRequest, current: str = "users") -> dict[str, Any]:
    return {"sheets": sheet.sheets(actor(request)), "current": current}
