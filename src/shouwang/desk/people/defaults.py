"""Loads the roles this version ships (data/domain/roles.csv). Their permissions follow the table; grants are
untouched."""

from shouwang.desk.workflow.defaults import split, table

from .models import Role

SHIPPED = (
    "call_taker",
    "dispatcher",
    "duty_commander",
    "patrol_officer",
    "planner",
    "analyst",
    "area_commander",
    "admin",
    "auditor",
    "wall_display",
    "grid_worker",
    "safety_office_head",
    "centre_clerk",
    "centre_head_street",
    "centre_head_district",
    "matter_handler",
    "patrol_leader",
    "squadron_leader",
    "team_leader",
    "community_officer",
    "guard",
    "volunteer",
    "hr_clerk",
    "mediator",
    "mediation_manager",
    "callback_clerk",
    "agency_contact",
    "bulletin_editor",
    "survey_manager",
)


def load() -> None:
    rows = {r["code"]: r for r in table("roles")}
    Role.objects.bulk_create(
        [Role(code=c, zh=rows[c]["zh"], en=rows[c]["en"], permissions=split(rows[c]["may"])) for c in SHIPPED],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["zh", "en", "permissions"],
    )
