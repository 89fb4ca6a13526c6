"""The fields of an Emergency Incident Data Object 1.0 that a call can fill, as JSON Schema.

Written from NENA-STA-021.1b-2022 and the fields of its published schema (github.com/NENA911/EIDO-JSON): names, what is
required, arrays. Stricter than that in one thing: a field that the standard does not name is a fault. Registries are
not checked, save the statuses that the standard lists itself.
"""
from __future__ import annotations

from typing import Any

TEXT, TRUTH = {"type": "string", "minLength": 1}, {"type": "boolean"}
TIME = {"type": "string", "format": "date-time"}
REF = {"type": "object", "required": ["$ref"], "properties": {"$ref": TEXT}, "additionalProperties": False}
INCIDENT_STATUS = ["Active", "Cancelled", "Closed", "FireUnderControl", "NewLocation", "ReOpened", "ResourcesAssigned",
                   "ResourcesEnroute", "ResourcesOnscene", "StructureCleared"]
PRIMARY_STATUS = ["Available", "ConditionallyAvailable", "NotAvailable"]
PROLOGUE = {"$id": TEXT, "lastUpdateTimeStamp": TIME, "updatedByAgencyReference": REF, "updatedByAgentReference": REF}


def many(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


def part(*required: str, **fields: Any) -> dict[str, Any]:
    """A data component: the common prologue and fields of its own."""
    return {"type": "object", "properties": PROLOGUE | fields, "additionalProperties": False,
            "required": ["$id", "lastUpdateTimeStamp", "updatedByAgencyReference", *required]}


DISPOSITION = part(
    "dispositionCommonRegistryCode", dispositionCommonRegistryCode=TEXT, dispositionPrimaryIndicator=TRUTH,
    dispositionCategoryText=TEXT, dispositionDescriptionText=TEXT, notesReference=many(REF))
INCIDENT = part(
    "incidentTypeCommonRegistryText", incidentTypeInternalCode=TEXT, incidentTypeInternalText=TEXT,
    incidentTypeCommonRegistryText=TEXT, incidentStatusInternalText=many(TEXT),
    incidentStatusCommonRegistryText=many({"enum": INCIDENT_STATUS}), internalIncidentId=TEXT, agentReference=many(REF),
    locationReference=many(REF), personReference=many(REF), incidentPriorityInternalText=TEXT,
    incidentCommonPriorityNumber={"type": "integer", "minimum": 0, "maximum": 10}, beatOrDispatchGroupText=TEXT,
    dispositionComponent=many(DISPOSITION), notesReference=many(REF))
COMPONENTS = {
    "agencyComponent": part(
        "agencyRoleDescriptionRegistryText", "agencyType", agencyRoleDescriptionRegistryText=many(TEXT),
        agencyType=many(TEXT), incidentOwningAgencyIndicator=TRUTH, notesReference=many(REF)),
    "agentComponent": part(
        "agentRoleRegistryText", "agencyReference", agentRoleRegistryText=many(TEXT), agencyReference=REF),
    "locationComponent": part(
        "locationTypeDescriptionRegistryText", locationTypeDescriptionRegistryText=TEXT, locationByValue=TEXT,
        locationDescriptionText=TEXT, notesReference=many(REF)),
    "notesComponent": part("notesActionComments", notesActionComments={"type": "string"}, agentReference=REF),
    "personComponent": part(
        "personIncidentRoleRegistryText", personIncidentRoleRegistryText=many(TEXT), callIdentifier=many(TEXT),
        notesReference=many(REF), callBackReference=REF),
    "callbackComponent": part(callBackInformationUri=many({"type": "string", "format": "uri"})),
    "callComponent": part(
        "callStateRegistryText", "standardPrimaryCallType", "direction", "callStartTimestamp",
        standardPrimaryCallType=TEXT, direction={"enum": ["incoming", "outgoing", "internal"]}, callStartTimestamp=TIME,
        callStateRegistryText=TEXT, callBackReference=REF, personReference=many(REF)),
    "emergencyResourceComponent": part(
        "agentReference", "emergencyResourceTypeCommonRegistryText", "primaryUnitStatusRegistryText",
        "resourceAttributeRegistryText", "secondaryUnitStatusRegistryText",
        emergencyResourceTypeCommonRegistryText=TEXT,
        emergencyResourceTypeInternalText=TEXT, emergencyResourceName=TEXT, resourceAttributeRegistryText=many(TEXT),
        resourceAttributeInternalText=many(TEXT), primaryUnitStatusRegistryText={"enum": PRIMARY_STATUS},
        secondaryUnitStatusRegistryText=many(TEXT), unitStatusInternal=many(TEXT), agentReference=many(REF),
        activeOnIncidentId=TEXT),
    "dispatchComponent": part(agencyReference=REF, agentReference=REF, emergencyResourceReference=many(REF)),
    "mergeComponent": part(
        "incidentMergeDirectionCode", "incidentTrackingIdentifier", incidentTrackingIdentifier=TEXT,
        incidentMergeDirectionCode={"enum": ["REPLACING", "REPLACED", "SPLIT"]}),
}
SCHEMA = part(
    "eidoVersion", "issuingElementIdentification", "agencyComponent", eidoVersion={"enum": ["1.0"]},
    issuingElementIdentification=TEXT, incidentComponent=INCIDENT,
    **{name: many(component) for name, component in COMPONENTS.items()},
    **{"@context": {"type": "object", "properties": {"@vocab": TEXT}}})
