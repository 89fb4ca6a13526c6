"""A call as an Emergency Incident Data Object, version 1.0 (NENA-STA-021.1b, JSON). Which of our values stands in which
of its fields is told in docs/methods/eido.md, and which of its registries we cannot fill."""
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from shouwang.desk.units.facts import UnitFact, iso
from shouwang.desk.workflow.defaults import document

from .models import Assignment, Call
from .terms import Caller

VERSION = "1.0"
CONTEXT = "./JSON-LD_Contexts/EmergencyIncidentDataObjectType.jsonld"
PRIORITY = {1: 10, 2: 7, 3: 4, 4: 1}  # 0 … 10, 10 the highest
OTHER = "Other"  # where a registry has no value of ours

Doc = dict[str, Any]


def eido(call: Call, *, export: str, host: str, at: datetime, tasks: Sequence[Assignment],
         units: Mapping[Any, UnitFact], merged: Sequence[Call], lines: Sequence[tuple[str, datetime, str]],
         place: str, callers: Sequence[tuple[datetime, Caller]]) -> Doc:
    """The document. host: the centre's name in identifiers; lines: (id, time, words) of what happened; callers: those
    that may be told, with when they called."""
    make = _Maker(host, call, iso(at) or "")
    doc = make.part("eido", export, eidoVersion=VERSION, issuingElementIdentification=host)
    doc["agencyComponent"] = [make.agency()]
    doc["agentComponent"] = [make.agent()]
    doc["locationComponent"] = [make.location(place)]
    doc["notesComponent"] = [make.note(key, when, text) for key, when, text in lines]
    doc["incidentComponent"] = make.incident(_status(call, tasks), [n["$id"] for n in doc["notesComponent"]])
    resources = [make.resource(t, units[t.unit]) for t in tasks if t.unit in units]
    if resources:
        doc["emergencyResourceComponent"] = resources
        doc["dispatchComponent"] = [make.dispatch(t, r["$id"]) for t, r in zip(
            [t for t in tasks if t.unit in units], resources, strict=True)]
    if merged or call.main_id:
        doc["mergeComponent"] = [make.merge(m, "REPLACING") for m in merged]
        doc["mergeComponent"] += [make.merge(call.main, "REPLACED")] if call.main else []
    if callers:
        _callers(doc, make, callers)
    return doc | {"@context": {"@vocab": CONTEXT}}


def _status(call: Call, tasks: Sequence[Assignment]) -> str:
    """The incident's status in the standard's words, as the life cycles say it (data/domain/statuses.yaml)."""
    states = {s["id"]: s["eido_incident"] for s in document("statuses")["lifecycles"]["call"]["states"]}
    found = states[call.state]
    if isinstance(found, str):
        return found
    order = list(found)
    open_states = [t.state for t in tasks if t.ended_at is None and t.state in found]
    return str(found[max(open_states, key=order.index)]) if open_states else "Active"


def _secondary(state: str) -> list[str]:
    states = {s["id"]: s.get("eido_secondary") for s in document("statuses")["lifecycles"]["assignment"]["states"]}
    return [str(states[state])] if states.get(state) else []


def _callers(doc: Doc, make: _Maker, callers: Sequence[tuple[datetime, Caller]]) -> None:
    doc |= {"callComponent": [], "callbackComponent": [], "personComponent": []}
    for n, (when, caller) in enumerate(callers, 1):
        key, digits = f"{make.call.id}-{n}", re.sub(r"[^0-9+-]", "", caller.number)
        back = make.part("callback", key, when, callBackInformationUri=[f"tel:{digits}"] if digits else [])
        note = make.note(f"{key}-caller", when, " — ".join(t for t in (caller.name, caller.words) if t))
        person = make.part("person", key, when, personIncidentRoleRegistryText=["Caller"],
                           callBackReference=make.ref(back), notesReference=[make.ref(note)])
        doc["callbackComponent"].append(back)
        doc["notesComponent"].append(note)
        doc["personComponent"].append(person)
        doc["callComponent"].append(make.part(
            "callid", key, when, standardPrimaryCallType="emergency", direction="incoming",
            callStateRegistryText="callEnd", callStartTimestamp=iso(when), callBackReference=make.ref(back),
            personReference=[make.ref(person)]))
    doc["incidentComponent"]["personReference"] = [make.ref(p) for p in doc["personComponent"]]


class _Maker:
    """Makes components with what each begins with: its id, when it changed, and the agency that says so."""

    def __init__(self, host: str, call: Call, at: str) -> None:
        self.host, self.call, self.at = host, call, at

    def id(self, kind: str, key: object) -> str:
        return f"urn:emergency:uid:{kind}:{key}:{self.host}"

    def ref(self, part: Doc | str) -> Doc:
        return {"$ref": part if isinstance(part, str) else part["$id"]}

    def part(self, kind: str, key: object, at: datetime | None = None, **more: Any) -> Doc:
        return {"$id": self.id(kind, key), "lastUpdateTimeStamp": iso(at) or self.at,
                "updatedByAgencyReference": self.ref(self.host), **more}

    def agency(self) -> Doc:
        return self.part("agency", 0, agencyRoleDescriptionRegistryText=["CallReceiving", "Dispatch"],
                         agencyType=["psap"], incidentOwningAgencyIndicator=True) | {"$id": self.host}

    def agent(self) -> Doc:
        """The centre itself speaks: no member of staff is named."""
        return self.part("agent", "centre", agentRoleRegistryText=["Dispatching"], agencyReference=self.ref(self.host))

    def location(self, place: str) -> Doc:
        call = self.call
        pidf = ('<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" '
                'xmlns:gml="http://www.opengis.net/gml" '
                f'entity="pres:incident@{escape(self.host)}"><tuple id="incident"><status><gp:geopriv>'
                '<gp:location-info><gml:Point srsName="urn:ogc:def:crs:EPSG::4326">'
                f'<gml:pos>{call.lat:.6f} {call.lon:.6f}</gml:pos></gml:Point></gp:location-info><gp:usage-rules/>'
                '</gp:geopriv></status></tuple></presence>')
        return self.part("location", call.id, locationTypeDescriptionRegistryText="Incident", locationByValue=pidf,
                         locationDescriptionText=place)

    def note(self, key: object, at: datetime, text: str) -> Doc:
        return self.part("note", key, at, notesActionComments=escape(text))

    def incident(self, status: str, notes: list[str]) -> Doc:
        call, kind = self.call, self.call.type
        doc = self.part(
            "incidentid", call.id, incidentTypeInternalCode=kind.code, incidentTypeInternalText=f"{kind.zh} {kind.en}",
            incidentTypeCommonRegistryText=OTHER, incidentStatusInternalText=[call.state],
            incidentStatusCommonRegistryText=[status], internalIncidentId=call.number,
            incidentPriorityInternalText=str(call.severity), incidentCommonPriorityNumber=PRIORITY[call.severity],
            beatOrDispatchGroupText=call.area, locationReference=[self.ref(self.id("location", call.id))],
            notesReference=[self.ref(n) for n in notes])
        if call.disposition:
            doc["dispositionComponent"] = [self.part(
                "disposition", call.id, call.closed_at, dispositionCommonRegistryCode=OTHER,
                dispositionPrimaryIndicator=True, dispositionCategoryText=call.disposition)]
        return doc

    def resource(self, task: Assignment, unit: UnitFact) -> Doc:
        over = task.ended_at is not None
        return self.part(
            "resource", task.id, task.ended_at or task.assigned_at,
            emergencyResourceTypeCommonRegistryText=OTHER, emergencyResourceTypeInternalText=unit.kind,
            emergencyResourceName=f"{unit.zh} {unit.en}", resourceAttributeRegistryText=[OTHER],
            resourceAttributeInternalText=list(unit.capabilities),
            primaryUnitStatusRegistryText="Available" if over else "NotAvailable",
            secondaryUnitStatusRegistryText=_secondary(task.state), unitStatusInternal=[task.state],
            agentReference=[self.ref(self.id("agent", "centre"))],
            **({} if over else {"activeOnIncidentId": self.id("incidentid", self.call.id)}))

    def dispatch(self, task: Assignment, resource: str) -> Doc:
        return self.part("dispatch", task.id, task.assigned_at, agencyReference=self.ref(self.host),
                         emergencyResourceReference=[self.ref(resource)])

    def merge(self, other: Call, direction: str) -> Doc:
        return self.part("merge", other.id, other.closed_at, incidentMergeDirectionCode=direction,
                         incidentTrackingIdentifier=self.id("incidentid", other.id))
