"""Mediations as their steps left them, for the room that checks data: given on by facts.py. Nothing is unsealed."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Min, Q

from shouwang.desk.workflow.checked import Checked, located

from .models import Agreement, Declaration, DisputeWords, Mediation, Party, Session

COLUMNS = ("id", "number", "area", "state", "source", "registered_at", "consent_at", "agreed_at", "visited_at",
           "closed_at", "sealed_deleted_at", "call", "example")  # fmt: skip


def checked(since: datetime, ids: Iterable[UUID] = ()) -> list[Checked]:
    """Mediations registered since a moment, and these besides. Of invented ones no words
    are asked for: they have none. Of parties alone how many sides there are."""
    rows = Mediation.objects.filter(Q(registered_at__gte=since) | Q(id__in=list(ids)))
    found = list(rows.order_by("registered_at", "id").values(*COLUMNS))
    wanted = [r["id"] for r in found]
    sides = set(Party.objects.filter(mediation__in=wanted).values_list("mediation", "side"))
    said = set(DisputeWords.objects.filter(mediation__in=wanted, kind="account").values_list("mediation", flat=True))
    written = set(Agreement.objects.filter(mediation__in=wanted).values_list("mediation", flat=True))
    met = dict(Session.objects.filter(mediation__in=wanted).values_list("mediation").annotate(Min("held_at")))
    declared = dict(Declaration.objects.filter(mediation__in=wanted, interest=False).values_list("mediation")
                    .annotate(Min("at")))
    return [Checked("mediation", r["id"], r["number"], r["area"], r["registered_at"], {
        **{name: r[name] for name in COLUMNS[3:10]}, "deleted": r["sealed_deleted_at"] is not None or r["example"],
        "call": r["call"],
        "located": located(r["area"]), "said": r["id"] in said, "written": r["id"] in written,
        "both_sides": {(r["id"], "a"), (r["id"], "b")} <= sides, "met": r["id"] in met,
        "first_session_at": met.get(r["id"]), "declared_at": declared.get(r["id"])}) for r in found]
