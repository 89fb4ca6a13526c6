"""What anybody may read: what this is, where its data come from, what it never does."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from shouwang.desk.patrol import facts as patrol
from shouwang.desk.people.access import public
from shouwang.desk.places import facts as places


@require_GET
@public
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "public/about.html")


@require_GET
@public
def data(request: HttpRequest) -> HttpResponse:
    """Streets, areas and past calls in use, each with origin, licence and what to know before believing
    it."""
    top = places.district()
    histories = patrol.histories(top.area) if top else []
    return render(
        request,
        "public/data.html",
        {
            "code": top.code if top else "",
            "network": places.network(),
            "histories": histories,
            "left_out": sorted({kind for history in histories for kind in history.excluded_kinds}),
            "generated": any(history.generated for history in histories),
        },
    )


@require_GET
@public
def limits(request: HttpRequest) -> HttpResponse:
    return render(request, "public/limits.html")
