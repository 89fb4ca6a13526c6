"""Pages: questions asked, a new one, and what the counts say."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import actor, needs

from . import exports, facts, pages
from .advice import small
from .models import Review

PER_PAGE = 20


@needs("analysis.view")
def list_page(request: HttpRequest) -> HttpResponse:
    """Questions asked here, newest first, each with its answer."""
    who = actor(request)
    page = Paginator(facts.reviews(who.areas(facts.VIEW)), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "effects/list.html", {"rows": [pages.row(one, who) for one in page], "page": page})


@needs("analysis.view")
def new_page(request: HttpRequest) -> HttpResponse:
    """What, where, when, compared with what."""
    return render(request, "effects/new.html", pages.form(actor(request), request.GET.get("area", ""), timezone.now()))


@needs("analysis.view")
def show_page(request: HttpRequest, review_id: str) -> HttpResponse:
    """The answer in one sentence, and all it rests on; printable."""
    who, review = actor(request), _review(request, review_id)
    linked = small.sees_calls(who, review.area) and not pages.moved_on(review, timezone.now())
    return render(request, "effects/show.html", pages.told(review, linked=linked))


@needs("analysis.view")
def export(request: HttpRequest, review_id: str, kind: str) -> HttpResponse:
    """The answer as docx, pdf, xlsx or csv."""
    return exports.answer(_review(request, review_id), kind)


def _review(request: HttpRequest, review_id: str) -> Review:
    who = actor(request)
    found = facts.find(who.areas(facts.VIEW), review_id)
    if found is None:
        raise Missing(_("No such question in your areas."), code="missing")
    return small.for_reader(found, who)
