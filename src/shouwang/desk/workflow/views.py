"""The settings pages: one list and one form for every sheet."""

from __future__ import annotations

import csv
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Denied, Refused
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.log.names import home

from . import actions, sheet
from .sheet import KEEPS, Sheet

PER_PAGE = 50


@needs(*KEEPS, "user.manage")
def index(request: HttpRequest) -> HttpResponse:
    """Opens the first page that the reader may change."""
    mine = sheet.sheets(actor(request))
    return redirect("settings.list", mine[0].key) if mine else redirect("settings.users")


@needs(*KEEPS)
def rows(request: HttpRequest, key: str) -> HttpResponse:
    who = actor(request)
    found, query = _sheet(who, key), request.GET.get("q", "").strip()[:80]
    page = Paginator(sheet.matching(who, found, query), PER_PAGE).get_page(request.GET.get("page"))
    lines = [
        {
            "key": row.pk,
            "cells": list(zip(cells, found.columns, strict=True)),
            "editable": sheet.may_edit(who, found, row),
            "indent": found.depth(row) if found.depth else 0,
        }
        for row, cells in page
    ]
    return render(
        request,
        "settings/list.html",
        {
            **_frame(who, key),
            "sheet": found,
            "page": page,
            "lines": lines,
            "query": query,
            "may_add": found.create and sheet.may_edit(who, found, None),
            "undo": request.GET.get("undo", ""),
            "saved": request.GET.get("saved"),
        },
    )


@needs(*KEEPS)
def export(request: HttpRequest, key: str) -> HttpResponse:
    """The list as CSV, all pages of it, as a spreadsheet opens it."""
    who = actor(request)
    found = _sheet(who, key)
    response = HttpResponse(
        "\ufeff",
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{key}.csv"'},
    )
    out = csv.writer(response)
    out.writerow([str(c.label) for c in found.columns])
    for _row, cells in sheet.matching(who, found, request.GET.get("q", "").strip()[:80]):
        out.writerow([safe_cell(c) for c in cells])
    return response


@needs(*KEEPS)
def edit(request: HttpRequest, key: str, pk: str = "") -> HttpResponse:
    """The form of one row, or of a new one."""
    who = actor(request)
    found = _sheet(who, key)
    row = found.one(pk) if pk else None
    if (row is None or not sheet.may_see(who, found, row)) if pk else not found.create:
        raise Http404
    editable = sheet.may_edit(who, found, row)
    heading = found.heading(row) if row else ""
    if found.form is None or (request.method == "POST" and not editable):
        if request.method == "POST":
            raise Denied(found.keeps[-1], (found.area_of(row) if row else "") or home())
        return render(
            request,
            "settings/row.html",
            {**_frame(who, key), "sheet": found, "row": row, "readonly": True, "heading": heading},
        )
    form = sheet.form_for(who, found, row, request.POST or None)
    fields = list(found.form._meta.fields or ())  # type: ignore[attr-defined]
    stored = found.one(pk) if pk else None
    shown = sheet.seen(stored, fields) if stored else ""
    reason = request.POST.get("reason", "").strip()[:500]
    errors: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        try:
            event = actions.save(
                actor=who,
                now=timezone.now(),
                sheet=found,
                row=form.save(commit=False),
                fields=fields,
                reason=reason,
                shown=request.POST.get("shown", "") if pk else "",
            )
        except Refused as error:
            errors[error.field or "__all__"] = str(error.message)
        else:
            return _back(key, event, undo=bool(pk))
    if request.method == "POST" and not reason:
        errors.setdefault("reason", _("Give the reason."))
    return render(
        request,
        "settings/row.html",
        {
            **_frame(who, key),
            "sheet": found,
            "row": row,
            "form": form,
            "shown": request.POST.get("shown") or shown,
            "heading": heading,
            "reason": reason,
            "errors": errors,
            "readonly": not editable,
        },
        status=422 if request.method == "POST" else 200,
    )


@needs(*KEEPS)
@require_POST
def undo(request: HttpRequest, key: str) -> HttpResponse:
    try:
        event = UUID(request.POST.get("event", ""))
    except ValueError:
        raise Http404 from None
    who = actor(request)
    actions.undo(actor=who, now=timezone.now(), sheet=_sheet(who, key), event_id=event)
    return redirect(reverse("settings.list", args=[key]) + "?saved=undone")


def safe_cell(text: str) -> str:
    """A spreadsheet would run a cell that begins like a formula."""
    number = text.lstrip("-").replace(".", "", 1).isdigit()
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t") and not number else text


def _sheet(who: Actor, key: str) -> Sheet:
    found = sheet.get(key)
    if found is None:
        raise Http404
    if not sheet.may_keep(who, found):
        raise Denied(found.keeps[0])
    return found


def _frame(who: Actor, key: str) -> dict[str, Any]:
    return {"sheets": sheet.sheets(who), "current": key}


def _back(key: str, event: UUID | None, *, undo: bool) -> HttpResponseRedirect:
    where = reverse("settings.list", args=[key])
    if event is None:
        return redirect(where + "?saved=same")
    return redirect(f"{where}?saved=1" + (f"&undo={event}" if undo else ""))
