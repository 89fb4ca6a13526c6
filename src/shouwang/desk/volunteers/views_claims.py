"""Pages of claims for helpers hurt in service."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.names import names
from shouwang.desk.log.posted import given_id, given_version, tried
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.moves import cycle

from . import actions, facts
from .forms import ClaimForm, PapersForm, amount
from .models import Claim
from .terms import CLAIM, CLAIM_AMOUNTS, CLAIM_OVER, CLAIM_WORDS, DOCUMENTS, HELPERS, SETTLE

PER_PAGE = 50


@require_GET
@never_cache
@needs(CLAIM, SETTLE)
def claims(request: HttpRequest) -> HttpResponse:
    who, over = actor(request), request.GET.get("over") == "yes"
    page = Paginator(facts.claims(who.areas(CLAIM, SETTLE), over=over), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "volunteers/claims.html", {
        "rows": [_shown(c) for c in page], "page": page, "over": over, "may_enter": who.may(CLAIM),
        "sums": facts.claim_sums(who.areas(CLAIM, SETTLE))})


def _shown(row: Claim) -> dict[str, Any]:
    return {"row": row, "state": cycle("hurt_claim").state_label(row.state), "helper": HELPERS[row.helper],
            "area": places.area_names().get(row.area), "n": sum(row.papers.values())}


@require_http_methods(["GET", "POST"])
@never_cache
@needs(CLAIM)
def new_claim(request: HttpRequest) -> HttpResponse:
    who, now = actor(request), timezone.now()
    form = ClaimForm(request.POST or None, paths=who.areas(CLAIM), initial={"asked": 0})
    id = given_id(request.POST.get("key")) or new_id()
    if form.is_bound:
        made = tried(form, lambda: actions.enter_claim(actor=who, now=now, new=form.given(id)))
        if made is not None:
            return redirect("hurt.one", made.id)
    return render(request, "volunteers/new_claim.html", {"form": form, "key": id}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@needs(CLAIM, SETTLE)
def claim(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """One claim: where it stands, the steps that may follow, its papers by count; what is sealed for a reason."""
    who, opened, fault = actor(request), None, None
    row = facts.find_claim(who.areas(CLAIM, SETTLE), claim_id)
    if row is None:
        raise Missing(_("There is no such claim in your areas."), code="claim")
    papers = PapersForm(initial={f"papers_{kind}": row.papers.get(kind, 0) for kind in DOCUMENTS})
    if request.method == "POST":
        papers = PapersForm(request.POST) if request.POST.get("do") == "papers" else papers
        try:
            opened = _acted(request, who, row, papers)
            if opened is None and not papers.errors:
                return redirect("hurt.one", row.id)
        except Refused as error:
            fault = error
            row.refresh_from_db()
    steps = [{"id": m.id, "label": m.label, "amount": m.id in CLAIM_AMOUNTS, "words": m.id in CLAIM_WORDS}
             for m in cycle("hurt_claim").moves_from(row.state) if who.may(m.may, row.area)]
    said = opened.words if opened else []
    people = names("user", {by for _at, by, _text in said})
    return render(request, "volunteers/claim.html", {
        **_shown(row), "steps": steps, "papers": papers, "fault": fault, "opened": opened, "key": new_id(),
        "said": [(at, people.get(by, ""), text) for at, by, text in said],
        "counts": [(label, row.papers[kind]) for kind, label in DOCUMENTS.items() if row.papers.get(kind)],
        "over": row.state in CLAIM_OVER}, status=fault.status if fault else 200)


def _acted(request: HttpRequest, who: Actor, row: Claim, papers: PapersForm) -> Any:
    """Does what was pressed. What was opened, if something was."""
    post, now = request.POST, timezone.now()
    asked: dict[str, Any] = {"actor": who, "now": now, "claim_id": row.id, "key": given_id(post.get("key"))}
    if post.get("do") == "open":
        return actions.read_claim(**asked, reason=post.get("reason", ""))
    if post.get("do") == "papers":
        if papers.is_valid():
            actions.set_papers(**asked, papers=papers.papers(), version=given_version(post.get("version")) or 0)
        return None
    try:
        given = amount(post.get("amount", ""))
    except ValidationError:
        raise Refused(_("Give an amount in yuan, not below 0."), field="amount", code="invalid") from None
    actions.move_claim(**asked, transition=post.get("do", "")[:24], version=given_version(post.get("version")),
                       amount=given, reason=post.get("reason", ""))
    return None
