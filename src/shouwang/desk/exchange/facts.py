"""Neighbours and requests for help as plain values."""
from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shouwang.desk.calls import facts as calls
from shouwang.desk.calls.models import Call
from shouwang.desk.log.gate import in_areas
from shouwang.desk.log.seal import Destroyed, unseal_bytes
from shouwang.desk.units.facts import iso
from shouwang.desk.units.models import Capability
from shouwang.desk.workflow.moves import Transition, cycle

from .models import Document, Help, Neighbour
from .reading import HELP
from .terms import ASKING, CYCLE, SENT

BY_ASKING, BY_HELPING = ("n_withdraw",), ("n_offer", "n_refuse", "n_done")  # moves that a person makes, by our side
NOT_DELIVERED, DELIVERED, GIVEN_UP = "waiting", "delivered", "given_up"


def chinese() -> bool:
    return (get_language() or "").startswith("zh")


def name(neighbour: Neighbour) -> str:
    return neighbour.zh if chinese() else neighbour.en


def names_of(ids: Iterable[str]) -> dict[str, str]:
    return {str(n.id): name(n) for n in Neighbour.objects.filter(id__in=list(ids))}


def neighbours() -> list[Neighbour]:
    return list(Neighbour.objects.order_by("-active", "en", "id"))


def neighbour_fact(n: Neighbour) -> dict[str, Any]:
    return {"id": n.id, "zh": n.zh, "en": n.en, "address": n.address, "public_key": n.public_key,
            "thumbprint": n.thumbprint, "sends": n.sends, "active": n.active, "confirmed": n.confirmed,
            "compared": bool(n.first_by) + bool(n.second_by), "heard": iso(n.heard_at), "version": n.version}


def capabilities() -> dict[str, str]:
    """What can be asked for, by code, in the reader's language."""
    return {c.code: c.zh if chinese() else c.en for c in Capability.objects.order_by("service", "code")}


def find(areas: tuple[str, ...], help_id: UUID | str) -> Help | None:
    return Help.objects.select_related("neighbour").filter(in_areas("area", areas), id=help_id).first()


def of_call(call_id: UUID | str) -> list[Help]:
    """Every request of a call, ours and that for which it was made."""
    return list(Help.objects.select_related("neighbour").filter(call=call_id).order_by("made_at", "id"))


def listed(areas: tuple[str, ...], since: datetime | None = None) -> list[Help]:
    """Requests that are not over: what waits for us first, the most urgent before others; then those over since."""
    rows = Help.objects.select_related("neighbour").filter(in_areas("area", areas))
    still = sorted(rows.filter(ended_at__isnull=True), key=lambda h: (
        not (h.side != ASKING and h.state == "sent"), h.severity, h.made_at))
    return still + (list(rows.filter(ended_at__gte=since).order_by("-ended_at")) if since else [])


def card(help: Help) -> dict[str, Any]:
    """A request as programs and live screens have it. No words."""
    sent = delivery(help)
    return {
        "id": str(help.id), "side": help.side, "neighbour": str(help.neighbour_id), "zh": help.neighbour.zh,
        "en": help.neighbour.en, "call": str(help.call) if help.call else None, "state": help.state,
        "severity": help.severity, "type": help.type, "type_text": help.type_text, "place": help.place,
        "lon": help.lon, "lat": help.lat, "asked": help.asked, "by": iso(help.by_at), "offered": help.offered,
        "arrives": iso(help.arrives_at), "number": help.number, "units": help.units, "made": iso(help.made_at),
        "theirs_at": iso(help.theirs_at), "ended": iso(help.ended_at), "version": help.version,
        "delivery": sent.state, "tries": sent.tries, "fault": sent.fault, "next_try": iso(sent.next_at),
    }


@dataclass(frozen=True)
class Delivery:
    """What became of our documents: all delivered, one waits (after so many `tries`), or one was given up."""

    state: str
    tries: int = 0
    fault: str = ""
    next_at: datetime | None = None
    at: datetime | None = None  # the last receipt


def delivery(help: Help) -> Delivery:
    ours = Document.objects.filter(help=help, ours=True)
    waits = ours.filter(delivered_at__isnull=True).order_by("n").first()
    last = ours.aggregate(at=Max("delivered_at"))["at"]
    if waits is None:
        return Delivery(DELIVERED, at=last)
    return Delivery(GIVEN_UP if waits.given_up_at else NOT_DELIVERED, waits.tries, waits.fault,
                    waits.due_at if waits.tries else None, last)


def record(help_id: UUID) -> str:
    """Under which key a request's documents are sealed: one that no call has, whatever id the other side has chosen."""
    return f"help:{help_id}"


def body_of(document: Document) -> dict[str, Any]:
    """The document in the clear; {} where it is deleted. The caller logs the reading of its words."""
    try:
        text = unseal_bytes(record(document.help_id), f"document:{document.id}", bytes(document.body))
    except Destroyed:
        return {}
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def words_of(document: Document) -> str:
    return str(body_of(document).get(HELP, {}).get("words", "")).strip()


@dataclass(frozen=True)
class Line:
    """One document of a request: who said what when, and whether it arrived."""

    id: UUID
    ours: bool
    at: datetime
    label: str
    words: str
    digest: str
    delivered_at: datetime | None


@dataclass(frozen=True)
class Row:
    """A request as the desk shows it."""

    help: Help
    name: str
    kind: str  # of the call of the side that asks
    label: str
    asked: Sequence[tuple[str, int]]
    offered: Sequence[tuple[str, int]]
    units: Sequence[tuple[str, str]]
    sent: Delivery
    moves: Sequence[Transition]  # what our side may say next
    call: Call | None
    words: str  # said last, by either side

    @property
    def asked_json(self) -> str:
        """What is asked, for the dialog that offers it."""
        return json.dumps([[n["capability"], n["count"]] for n in self.help.asked])

    @property
    def open(self) -> bool:
        return self.help.ended_at is None

    @property
    def waits(self) -> bool:
        """Whether somebody here has to take or refuse it."""
        return self.help.side != ASKING and self.help.state == "sent"


def rows(found: Iterable[Help]) -> list[Row]:
    known, states, tasks = capabilities(), cycle(CYCLE), cycle("assignment")
    kinds = {t.code: t.zh if chinese() else t.en for t in calls.types()}

    def needs(of: list[dict[str, Any]]) -> list[tuple[str, int]]:
        return [(known.get(n["capability"], n["capability"]), n["count"]) for n in of]

    out = []
    for h in found:
        mine = BY_ASKING if h.side == ASKING else BY_HELPING
        units = [(u["name"], tasks.state_label(u["state"]) if u["state"] in tasks.states else "") for u in h.units]
        out.append(Row(
            h, name(h.neighbour), kinds.get(h.type, h.type_text), states.state_label(h.state), needs(h.asked),
            needs(h.offered), units, delivery(h), [m for m in states.moves_from(h.state) if m.id in mine],
            calls.find(("",), h.call) if h.call else None, last_words(h)))
    return out


def last_words(help: Help) -> str:
    """The newest words said by either side, "" for none or where they are deleted."""
    for document in Document.objects.filter(help=help).order_by("-at", "-n"):
        if words := words_of(document):
            return words
    return ""


def lines(help: Help) -> list[Line]:
    """Every document, the newest first."""
    states = cycle(CYCLE)
    return [Line(d.id, d.ours, d.at, states.state_label(d.state), words_of(d), d.digest, d.delivered_at)
            for d in Document.objects.filter(help=help).order_by("-at", "-n")]


def told(neighbour: Neighbour) -> list[str]:
    """What a neighbour is sent, as people read it."""
    always = [_("kind, level and number of the call"), _("street and point"), _("what you ask")]
    return always + [str(SENT[k]) for k in SENT if k in neighbour.sends]
