"""Taking in areas, streets, past calls and units: choose a file, read what is wrong with it, take it in."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.desk.log.errors import Refused
from shouwang.desk.people.access import actor, needs

from . import uploads
from .importers import MAY, importers
from .models import Upload

SHOWN = 10


@require_http_methods(["GET", "POST"])
@needs(*MAY)
def page(request: HttpRequest) -> HttpResponse:
    """The kinds of files, and what came in last."""
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            return redirect("import.one", _take(request).id)
        except Refused as error:
            refusal = error
    mine = [i for i in importers() if actor(request).may(i.may)]
    labels = {i.kind: i.label for i in mine}
    recent = list(Upload.objects.filter(kind__in=labels).order_by("-at")[:SHOWN])
    return render(
        request,
        "places/import.html",
        {
            "importers": mine,
            "recent": [(u, labels.get(u.kind, u.kind)) for u in recent],
            "refusal": refusal,
            "chosen": request.POST.get("kind", ""),
            "given": request.POST,
        },
        status=refusal.status if refusal else 200,
    )


def _take(request: HttpRequest) -> Upload:
    file = request.FILES.get("file")
    if file is None:
        raise Refused(_("Choose a file."), field="file", code="needs")
    options = {k: v for k, v in request.POST.items() if isinstance(v, str)}
    return uploads.take(
        actor=actor(request),
        now=timezone.now(),
        kind=request.POST.get("kind", ""),
        name=file.name or "",
        chunks=file.chunks(),
        size_b=file.size or 0,
        options=options,
    )


@require_GET
@never_cache
@needs(*MAY)
def one(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """How a file fares. While the worker is at it the page asks again each second."""
    upload = uploads.one(actor(request), upload_id)
    labels = {i.kind: i.label for i in importers()}
    told = {
        "upload": upload,
        "label": labels.get(upload.kind, upload.kind),
        "busy": upload.state in ("checking", "saving"),
    }
    part = request.headers.get("HX-Request")
    return render(request, "places/import_state.html" if part else "places/import_one.html", told)


@require_POST
@needs(*MAY)
def save(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    uploads.save(actor=actor(request), now=timezone.now(), upload_id=upload_id)
    return redirect("import.one", upload_id)
