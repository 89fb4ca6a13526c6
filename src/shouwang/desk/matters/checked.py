"""Matters as their steps left them, for the room that checks data: given on by facts.py. Nothing sealed is opened."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from shouwang.desk.workflow.checked import Checked, located

from .models import Matter, MatterPhoto, MatterWords

COLUMNS = ("id", "number", "area", "state", "source", "reported_at", "accepted_at", "assigned_at", "answered_at",
           "closed_at", "due_at", "handler", "check_by", "has_words", "words_deleted_at", "call",
           "example")  # fmt: skip


def checked(since: datetime, ids: Iterable[UUID] = ()) -> list[Checked]:
    """Matters reported since a moment, and these besides. Of invented ones no words
    are asked for: they have none."""
    found = list(Matter.objects.filter(Q(reported_at__gte=since) | Q(id__in=list(ids))).order_by("reported_at", "id")
                 .values(*COLUMNS))
    wanted = [r["id"] for r in found]
    results = set(MatterWords.objects.filter(matter__in=wanted, kind="result").values_list("matter", flat=True))
    photos = set(MatterPhoto.objects.filter(matter__in=wanted).values_list("matter", "kind"))
    return [Checked("matter", r["id"], r["number"], r["area"], r["reported_at"], {
        **{name: r[name] for name in COLUMNS[3:13]}, "deleted": r["words_deleted_at"] is not None or r["example"],
        "call": r["call"], "located": located(r["area"]), "checked": bool(r["check_by"]),
        "shown": r["has_words"] or (r["id"], "before") in photos, "result": r["id"] in results,
        "photo_before": (r["id"], "before") in photos, "photo_after": (r["id"], "after") in photos}) for r in found]
