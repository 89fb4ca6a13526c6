"""Questions that a worker answers over HTTP: what is common to their rooms."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import Field, Schema

from shouwang.desk.log.gate import actor

from .asked import Room

PER_PAGE = 20


class AskedRow(Schema):
    id: UUID
    area: str
    state: str
    progress: float
    step: str
    error: str
    made_by: str
    made_at: datetime
    done_at: datetime | None
    runs: int
    same: bool | None = Field(description="Whether the last run gave the figures of the one before")


class Page(Schema):
    page: int = Field(1, ge=1, le=10_000)


def page_of(rows: QuerySet[Any], page: int) -> dict[str, Any]:
    """A page of a list, from 1, with the number of all rows."""
    first = (page - 1) * PER_PAGE
    return {"total": rows.count(), "page": page, "rows": list(rows[first : first + PER_PAGE])}


def state_bar(request: HttpRequest, room: Room[Any], id: UUID | str) -> HttpResponse:
    """How far a run has come; asks again while it goes on, and reloads the page at its end."""
    who = actor(request)
    context = room.state(who, room.find(who, id))
    response = render(request, "asked/state.html", context)
    if not context["going"]:
        response["HX-Refresh"] = "true"
    return response
