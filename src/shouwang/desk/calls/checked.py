"""Calls as their steps left them, for the room that checks data: given on by facts.py. Nothing sealed is opened."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from shouwang.desk.workflow.checked import Checked, located
from shouwang.desk.workflow.models import Timer
from shouwang.desk.workflow.moves import limit_s
from shouwang.engine.geo.distance import haversine_m

from .models import Assignment, Call, CallLink, CallWords
from .questions import asks

COLUMNS = ("id", "number", "area", "type_id", "source", "state", "received_at", "submitted_at", "first_assigned_at",
           "closed_at", "disposition", "words_deleted_at", "lon", "lat")  # fmt: skip
MOMENTS = ("call_id", "state", "assigned_at", "acknowledged_at", "enroute_at", "on_scene_at", "ended_at", "result")
CATCH_ALL = "990500"  # the type of what fits nowhere
ALIKE = ("waiting", "responding", "under_control", "closed")


def checked(since: datetime, ids: Iterable[UUID] = ()) -> list[Checked]:
    """Calls received since a moment, and these besides. Replayed ones and those of other centres are left out."""
    rows = Call.objects.filter(Q(received_at__gte=since) | Q(id__in=list(ids)), drill=False)
    found = list(rows.exclude(source="neighbour").order_by("received_at", "id").values(*COLUMNS))
    wanted = [r["id"] for r in found]
    said, answered = set(), set()
    for call, words, answers in CallWords.objects.filter(call__in=wanted).values_list("call", "words", "answers"):
        said |= {call} if words else set()  # sealed: whether there are any is all that can be told
        answered |= {call} if answers else set()
    units: dict[UUID, list[dict[str, Any]]] = {}
    for row in Assignment.objects.filter(call__in=wanted).order_by("assigned_at", "id").values(*MOMENTS):
        units.setdefault(row.pop("call_id"), []).append(row)
    alone = _unlinked(found)
    return [Checked("call", r["id"], r["number"], r["area"], r["received_at"],
                    _values(r, units.get(r["id"], []), alone)
                    | {"said": r["id"] in said, "answered": r["id"] in answered}) for r in found]


def _values(row: Mapping[str, Any], units: list[dict[str, Any]], alone: Mapping[UUID, int]) -> dict[str, Any]:
    there = [u["on_scene_at"] for u in units if u["on_scene_at"]]
    ended = [u["ended_at"] for u in units if u["ended_at"]]
    for unit in units:
        # A unit that was still there when the desk closed the call was cleared with it: the desk gave the result.
        unit["ended_alone"] = unit["ended_at"] is not None and unit["ended_at"] != row["closed_at"]
    return {name: row[name] for name in COLUMNS[4:11]} | {
        "deleted": row["words_deleted_at"] is not None, "located": located(row["area"]),
        "typed": row["type_id"] != CATCH_ALL, "asks": bool(asks().get(row["type_id"])),
        "unlinked": alone.get(row["id"], 0), "units": units,
        "sent": bool(units), "arrived": bool(there), "first_scene_at": min(there, default=None),
        "last_ended_at": max(ended, default=None)}


def _unlinked(rows: list[dict[str, Any]]) -> dict[UUID, int]:
    """By call, how many earlier ones of its type lie within `t_duplicate` in time and place and are not linked to it:
    the later call is the one at which they could have been seen."""
    rule = Timer.objects.filter(code="t_duplicate").values_list("rule", flat=True).first() or {}
    seconds, metres = limit_s("t_duplicate") or 600.0, float(rule.get("radius_m", 80))
    told = {frozenset(pair) for pair in CallLink.objects.filter(ended_at__isnull=True).values_list("one", "other")}
    by_type: dict[str, list[dict[str, Any]]] = {}
    out: dict[UUID, int] = {}
    for row in rows:
        if row["state"] not in ALIKE or row["source"] != "resident":
            continue
        earlier = by_type.setdefault(row["type_id"], [])
        while earlier and (row["received_at"] - earlier[0]["received_at"]).total_seconds() > seconds:
            earlier.pop(0)
        if earlier:
            away = haversine_m([e["lon"] for e in earlier], [e["lat"] for e in earlier], row["lon"], row["lat"])
            near = [e for e, m in zip(earlier, away.tolist(), strict=True) if m <= metres]
            out[row["id"]] = sum(frozenset((e["id"], row["id"])) not in told for e in near)
        earlier.append(row)
    return out
