"""Writes what we send to another centre: our call as EIDO, without anybody's name, number or words, and the request in
it under a name of our own (docs/methods/exchange.md)."""
from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from shouwang.desk.calls.eido import CONTEXT, VERSION, Doc, eido
from shouwang.desk.calls.models import Assignment, Call
from shouwang.desk.units.facts import iso
from shouwang.desk.units.facts import units as unit_facts

from .models import Help
from .reading import HELP
from .terms import ASKING

NAMES = "urn:shouwang:help:1:"  # what the prefix of our name stands for


def document(help: Help, *, id: UUID, n: int, state: str, words: str, host: str, at: datetime, call: Call | None,
             sends: Sequence[str]) -> bytes:
    """The document as bytes. `call`: ours, None where we have none; `sends`: what a neighbour that is asked
    may be sent of it."""
    if help.side != ASKING:
        sends = ("units",)  # who comes has to be known there
    doc = _about(call, id=id, host=host, at=at, sends=sends) if call else _head(id=id, host=host, at=at)
    request: dict[str, Any] = {"id": str(help.id), "side": help.side, "number": n, "state": state}
    if help.side == ASKING:
        request |= {"asked": help.asked, "neededBy": iso(help.by_at)}
    else:
        request |= {"offered": help.offered, "arrivesAt": iso(help.arrives_at)}
    doc[HELP] = {k: v for k, v in (request | {"words": words}).items() if v not in (None, "", [])}
    doc["@context"] = {"@vocab": CONTEXT, "help": NAMES}
    return json.dumps(doc, ensure_ascii=False, separators=(",", ":")).encode()


def _about(call: Call, *, id: UUID, host: str, at: datetime, sends: Sequence[str]) -> Doc:
    tasks: list[Assignment] = []
    if "units" in sends:
        tasks = list(Assignment.objects.filter(call=call).order_by("assigned_at", "id"))
    place = f"{call.place} {call.detail}".strip() if "detail" in sends else call.place
    return eido(call, export=str(id), host=host, at=at, tasks=tasks, merged=(), lines=(), place=place, callers=(),
                units={u.id: u for u in unit_facts(ids={t.unit for t in tasks})})


def _head(*, id: UUID, host: str, at: datetime) -> Doc:
    """What every EIDO begins with, where we have no call to tell of."""
    said = {"lastUpdateTimeStamp": iso(at), "updatedByAgencyReference": {"$ref": host}}
    return {"$id": f"urn:emergency:uid:eido:{id}:{host}", **said, "eidoVersion": VERSION,
            "issuingElementIdentification": host,
            "agencyComponent": [{"$id": host, **said, "agencyType": ["psap"],
                                 "agencyRoleDescriptionRegistryText": ["CallReceiving", "Dispatch"]}]}
