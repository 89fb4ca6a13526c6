"""What a volunteer or a trade association does without an account: register with consent, look, correct, withdraw.

Machines are kept out as they are from residents' reports: a proof of work for each registration, and counting."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.desk.log.codes import code_of
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.matters import actions as matters
from shouwang.desk.people.access import public
from shouwang.desk.people.adapter import client_address
from shouwang.desk.places import facts as places
from shouwang.desk.volunteers import actions, facts
from shouwang.desk.volunteers.forms import VolunteerForm, registering
from shouwang.desk.volunteers.terms import SERVICES, STATES, THANKS, WHY_NOT, consent, consents, trades

from .reading import body_of, checked

SENT, LOOKED = 6, 60  # an hour, from one connection: registrations, codes tried


@require_GET
@never_cache
@ensure_csrf_cookie
@public
def volunteer(request: HttpRequest, what: str = "") -> HttpResponse:
    """The form, for a person or (`what`) an association, with the text that is agreed to."""
    return render(request, "public/volunteer.html", {
        "page": "volunteer", "association": what == "association", "consent": consent(), **registering(),
        "group": request.GET.get("g", "").replace("\x00", "")[:8]})


@require_POST
@public
def send(request: HttpRequest) -> HttpResponse:
    """Takes a registration. A retry with the same id is told the same code."""
    form = checked(VolunteerForm(body_of(request)))
    said = form.cleaned_data
    matters.solved(id=said["id"], token=said["token"], counter=said["counter"])
    matters.count("volunteer", client_address(request), most=SENT)
    now = timezone.now()
    if said["title"]:
        actions.register_association(now=now, new=form.of_association())
    else:
        actions.register(now=now, new=form.volunteer())
    return JsonResponse({"code": code_of(said["id"])}, status=201)


@require_http_methods(["GET", "POST"])
@never_cache
@ensure_csrf_cookie
@public
def mine(request: HttpRequest) -> HttpResponse:
    """One's own registration by its code, which travels in the body alone: to look, correct, withdraw."""
    code = request.POST.get("code", "").strip().upper()[:20]
    page: dict[str, Any] = {"page": "volunteer", "code": code}
    if request.method == "POST" and code:
        matters.count("code", client_address(request), most=LOOKED)
        try:
            if request.POST.get("do") == "withdraw":
                actions.withdraw(now=timezone.now(), code=code)
                return redirect("/r/volunteer/mine/?gone=yes")
            page |= _own(request, code)
        except Missing as missing:
            page["fault"] = missing.message
    page["gone"] = request.GET.get("gone")
    return render(request, "public/volunteer_mine.html", page, status=404 if "fault" in page else 200)


def _own(request: HttpRequest, code: str) -> dict[str, Any]:
    now, wrong, saved = timezone.now(), "", False
    if request.POST.get("do") == "amend":
        try:
            actions.amend(now=now, code=code, name=request.POST.get("name", ""), how=request.POST.get("how", ""))
            saved = True
        except Missing:
            raise
        except Refused as refusal:
            wrong = str(refusal.message)
    own = actions.by_code(now=now, code=code)
    row = own.row
    trade = trades().get(row.trade)
    served = facts.served(("",), volunteer=row.id)  # an association has served none
    return {"own": own, "row": row, "state": STATES[row.state], "why": WHY_NOT.get(row.why, ""), "wrong": wrong,
            "saved": saved, "trade": trade.name if trade else "", "area": places.area_names().get(row.area),
            "consent": consents().get(row.consent), "current": consent().version,
            "served": [(SERVICES.get(s.kind) or THANKS.get(s.kind, s.kind), s) for s in served]}
