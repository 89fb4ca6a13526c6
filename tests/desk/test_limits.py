"""Limits by design, held by the schema: where a person may appear, and what no table may ever hold.

Every text field of every table stands in one of two lists. A new field is in neither, so that whoever adds it
has to say
which it is, and whoever reviews it sees the question. Names that the limits forbid are refused even if listed.
"""
from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

# Where a person may appear: staff; sealed callers and parties; sealed words of staff. Table → fields, with the reason.
PERSONS: dict[str, set[str]] = {
    # Staff: the account, its e-mail address at the office, ways to sign in.
    "people_user": {"id", "username", "name", "staff_no", "email", "password", "language", "theme"},
    "account_emailaddress": {"email"},
    "mfa_authenticator": {"data"},  # secrets encrypted under a key outside the database
    "django_session": {"session_key", "session_data"},
    # Staff: failures counted for the lockout, deleted after 24 hours; the log tables of axes stay empty (settings).
    "axes_accessattempt": {"user_agent", "ip_address", "username", "http_accept", "path_info", "get_data", "post_data"},
    "axes_accessfailurelog": {"user_agent", "ip_address", "username", "http_accept", "path_info"},
    "axes_accesslog": {"user_agent", "ip_address", "username", "http_accept", "path_info", "session_hash"},
    # Staff as the id of their account.
    "log_event": {"actor", "subject"}, "units_duty": {"user"}, "calls_call": {"taken_by"}, "calls_assignment": {"by"},
    "calls_callwords": {"taken_by", "name", "number", "words", "ticks", "answers"},  # sealed callers
    "calls_note": {"by", "text"},  # sealed words of staff
    "calls_draft": {"user", "body"},  # sealed, at most 24 hours
    "patrol_plan": {"made_by", "submitted_by", "decided_by", "reason"}, "patrol_job": {"made_by"},
    "whatif_study": {"made_by"}, "closures_closure": {"made_by"}, "beats_proposal": {"made_by"},
    # Staff on rosters: who is planned for with leave and wishes entered (never why), their turns, their calendar link.
    "roster_roster": {"made_by", "published_by", "asked", "given", "rows"}, "roster_turn": {"user"},
    "roster_entry": {"user", "made_by"}, "roster_feed": {"user"},
    "effects_review": {"made_by"},
    "linked_task": {"sent_by"}, "linked_said": {"by", "text"},  # staff; sealed words of staff and agencies
    "watch_handover": {"given_by", "given_note", "taken_by", "taken_note"},  # staff, and their sealed notes
    # Grid matters: staff as the id of their account (a resident has none there); how a resident may be told, sealed.
    "matters_matter": {"reported_by", "answered_by", "contact"}, "matters_jointtask": {"set_by"},
    "matters_matterwords": {"by", "text"},  # sealed words of reporters and staff
    "matters_matterphoto": {"by"},
    # Mediation: staff as the id of their account; who quarrels, what was said and agreed lies sealed.
    "mediation_mediation": {"registered_by", "mediator"}, "mediation_party": {"details"},
    "mediation_declaration": {"by"}, "mediation_disputewords": {"by", "text"}, "mediation_session": {"by", "minutes"},
    "mediation_agreement": {"by", "terms"}, "mediation_visit": {"by", "text"}, "mediation_screened": {"entered_by"},
    "drill_replay": {"started_by"}, "places_upload": {"by"},
    "log_reason": {"words"}, "log_hold": {"reason"},  # sealed words of staff
    "sites_site": {"contact"},  # sealed office contact inside a site's row: who has the key
}

# Text that is about places, times, rules and matters.
NOT_PERSONAL: dict[str, set[str]] = {
    "auth_permission": {"name", "codename"}, "auth_group": {"name"}, "django_content_type": {"app_label", "model"},
    "account_emailconfirmation": {"key"}, "mfa_authenticator": {"type"},
    "log_event": {"id", "kind", "subject_kind", "area", "may", "payload", "pruned", "leaf"},
    "log_card": {"key", "kind", "subject", "area", "may", "body"}, "log_cursor": {"reader"},
    "log_checkpoint": {"root", "frontier"}, "log_reason": {"event"}, "log_hold": {"id", "subject_kind", "subject"},
    "workflow_lifecycle": {"code", "zh", "en", "initial", "states", "transitions"},
    "workflow_timer": {"code", "zh", "en", "flag_zh", "flag_en", "unit", "rule", "source"},
    "workflow_setting": {"key", "value"},
    "people_role": {"code", "zh", "en", "permissions"}, "people_grant": {"id", "area"},
    "people_token": {"id", "name", "hash"},
    "places_area": {"id", "zh", "en", "path", "parent", "code", "kind", "geometry", "setting"},
    "places_post": {"id", "zh", "en", "code", "kind", "area"},
    "places_streetnetwork": {"id", "name", "source", "licence"},
    "places_learnedpace": {"kinds", "factors"},  # classes of streets, sums over all drives
    "places_upload": {"id", "kind", "name", "options", "state", "report"},
    "units_capability": {"zh", "en", "code", "service"},
    "units_unitkind": {"zh", "en", "code", "service", "letter", "capabilities", "moves"},
    "units_unit": {"id", "zh", "en", "code", "capabilities", "area", "state"}, "units_duty": {"id"},
    "units_standby": {"id", "zh", "en"},
    "alarms_terminal": {"id", "number", "role", "vehicle", "device"},  # a device by its own number: no owner, no plates
    "alarms_alarm": {"id", "call"},
    "sites_site": {"id", "code", "name", "kind", "area"},  # a place by the name on its sign
    "sites_hazard": {"id", "kind", "area", "owner"},  # of fixed lists, without words; owner: an office
    "alarms_panel": {"id", "site", "account", "key"},  # a device of a site; key: its own, encrypted
    "alarms_signal": {"id", "code", "call"}, "alarms_fault": {"id", "kind"},  # alarms and faults, never who comes when
    "calls_calltype": {"zh", "en", "code", "parent", "service", "source_kind", "keywords_zh", "keywords_en",
    "can_become"},
    "calls_call": {"id", "number", "state", "place", "detail", "area", "services", "source", "disposition", "target",
                   "receiver", "panic_unit", "asked", "site"},
    "calls_callwords": {"id"}, "calls_note": {"id", "kind"},
    "calls_assignment": {"id", "unit", "state", "result", "from_call", "stand_zh", "stand_en"},
    # streets shut for a while: where, why (one of a fixed list), until when
    "closures_closure": {"id", "area", "zh", "en", "network", "edges", "lines", "reason"},
    "calls_measure": {"what", "key", "figures"},  # means and counts by service, type and hour: no unit, nobody, no call
    "cordon_exit": {"id", "zh", "en", "area"},  # places by which the district is left
    "patrol_historyfile": {"id", "area", "name", "source", "licence", "kinds", "excluded_kinds", "sha256"},
    "patrol_forecast": {"id", "area", "model", "settings", "left_out", "backtest", "by_area", "shifts", "week",
    "parts", "sha256"},
    "patrol_plan": {"id", "area", "state", "figures"},
    "patrol_planpost": {"id", "unit", "code", "zh", "en", "letter", "service", "base_zh", "base_en",
    "place_zh", "place_en",
                        "area"},
    "patrol_plantour": {"id", "unit", "visits", "edges", "at_s", "path"},
    "patrol_tourstep": {"id", "reason"},  # reason: one of a fixed list
    "patrol_seenhour": {"id", "area", "streets", "network", "forecast"},  # streets of a district: no unit, nobody
    "patrol_job": {"id", "kind", "area", "state", "step", "error"},
    "whatif_study": {"id", "area", "title", "given", "figures", "digest", "state", "step", "error"},
    "beats_proposal": {"id", "area", "given", "figures", "digest", "state", "step", "error"},  # cells and their calls
    "roster_roster": {"id", "area", "figures", "state", "step", "error"},  # figures: costs, and needs not met
    "roster_turn": {"id", "shift", "service"}, "roster_entry": {"id", "area", "kind", "shift"},  # kind: of a fixed list
    "roster_feed": {"id", "hash"},
    "effects_review": {"id", "area", "title", "given", "figures", "digest"},  # areas, times and counts of calls
    "linked_task": {"id", "call", "agency", "area", "state", "late"}, "linked_said": {"id"},
    "watch_handover": {"id", "area", "state", "items"},  # items: calls, tasks, streets and units that were open
    # grid matters: what, where, which office; `follow` is a digest of a code that is kept nowhere
    "matters_mattertype": {"zh", "en", "code", "parent", "level", "agency"},
    "matters_reportingpoint": {"zh", "en", "id", "code", "kind", "area"},  # places with a public mark, without a keeper
    "matters_matter": {"id", "number", "level", "state", "place", "area", "source", "call", "handler", "reference",
                       "follow", "told", "check_by"},
    "matters_matterwords": {"id", "kind"}, "matters_matterphoto": {"id", "kind"},
    "matters_jointtask": {"id", "joint", "agency", "state"},
    # mediation: kind, community, body, step; of who quarrels only the side and whether a person or an organisation
    "mediation_disputekind": {"zh", "en", "code", "level", "body", "also"},
    "mediation_mediationbody": {"zh", "en", "code", "way", "tier", "agency"},
    "mediation_mediation": {"id", "number", "level", "state", "area", "source", "call", "matter", "task", "reference",
                            "performed", "target"},
    "mediation_party": {"id", "side", "kind"}, "mediation_declaration": {"id"},
    "mediation_disputewords": {"id", "kind"}, "mediation_session": {"id", "where"},
    "mediation_visit": {"id", "how", "performed"},
    "mediation_screened": {"id", "area", "place", "state", "mediation"},  # a kind at a place, without words
    "drill_replay": {"id", "area", "history", "state"}, "drill_played": {"call", "category", "stage"},
    "drill_task": {"assignment", "unit"},
}

FORBIDDEN = {
    "ethnic", "ethnicity", "nationality", "race", "minzu", "religion", "religious", "faith", "belief", "hukou", "huji",
    "household", "native", "origin", "birthplace", "political", "politics", "party", "opinion", "petition",
    "petitioner",
    "health", "medical", "illness", "disease", "disability", "psychiatric", "plate", "face", "faces", "biometric",
    "fingerprint", "dna", "iris", "gender", "sex", "birth", "birthday", "passport", "idcard", "idnumber",
    "tenant", "migrant",
    "suspect", "convict", "criminal", "offender", "risk", "score", "blacklist", "watchlist", "informant", "sexuality",
}
FORBIDDEN_TABLES = re.compile(r"person|suspect|resident|tenant|migrant|informant|offender|petition|watchlist|keyperson")
TEXT = (models.CharField, models.TextField, models.JSONField, models.BinaryField, models.UUIDField,
        models.GenericIPAddressField, models.FileField)


def breaches(found: Iterable[type[models.Model]]) -> list[str]:
    """What is wrong with the tables of these models."""
    out = []
    for model in found:
        table = model._meta.db_table
        if FORBIDDEN_TABLES.search(table):
            out.append(f"{table}: a table of persons of this kind is against the limits")
        for field in model._meta.concrete_fields:
            words = set(re.split(r"[_\d]+", field.name.lower())) | {field.name.lower().replace("_", "")}
            moment = isinstance(field, models.DateField)  # a forecast's origin is a moment
            if (bad := words & FORBIDDEN) and not moment:
                out.append(f"{table}.{field.name}: {', '.join(sorted(bad))} may not be recorded")
            listed = PERSONS.get(table, set()) | NOT_PERSONAL.get(table, set())
            if isinstance(field, TEXT) and not field.is_relation and field.name not in listed:
                out.append(f"{table}.{field.name}: say in tests/desk/test_limits.py whether a person may appear in it")
    return out


def test_people_appear_only_where_they_may() -> None:
    assert breaches(apps.get_models(include_auto_created=True)) == []


@isolate_apps("tests.desk")
@pytest.mark.parametrize(("table", "name", "kind"), [
    ("made_note", "remark", models.CharField), ("made_note", "hukou_place", models.IntegerField),
    ("made_note", "plate", models.CharField), ("people_user", "religion", models.CharField),
    ("made_note", "is_ethnic", models.BooleanField), ("made_key_person", "at", models.DateTimeField),
    ("people_user", "risk_score", models.FloatField), ("places_area", "origin", models.CharField),
    ("calls_call", "face", models.BinaryField), ("log_event", "words", models.JSONField)])
def test_a_made_table_that_breaks_the_limits_is_found(table: str, name: str, kind: type[models.Field]) -> None:
    class Meta:
        app_label = "made"
        db_table = table

    made = type("Made", (models.Model,), {"__module__": __name__, "Meta": Meta, name: kind()})
    assert breaches([made])


def test_the_lists_name_no_field_twice() -> None:
    both = {(t, f) for t in PERSONS for f in PERSONS[t]} & {(t, f) for t in NOT_PERSONAL for f in NOT_PERSONAL[t]}
    assert both == set()


def test_there_is_one_table_of_persons_and_it_is_staff() -> None:
    """A table is one of persons when it holds a name in the clear together with a number or address."""
    people = [m._meta.db_table for m in apps.get_models()
              if {"name", "email"} <= {f.name for f in m._meta.concrete_fields if not isinstance(f,
              models.BinaryField)}]
    assert people == ["people_user"]


def test_sealed_fields_are_bytes_and_never_text() -> None:
    sealed = {("calls_callwords", "name"), ("calls_callwords", "number"), ("calls_callwords", "words"),
              ("calls_note", "text"), ("calls_draft", "body"), ("log_reason", "words"), ("log_hold", "reason"),
              ("patrol_plan", "reason"), ("linked_said", "text"),
              ("watch_handover", "given_note"), ("watch_handover", "taken_note"), ("sites_site", "contact"),
              ("matters_matter", "contact"), ("matters_matterwords", "text"), ("mediation_party", "details"),
              ("mediation_disputewords", "text"), ("mediation_session", "minutes"), ("mediation_agreement", "terms"),
              ("mediation_visit", "text")}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if (model._meta.db_table, field.name) in sealed:
                assert isinstance(field, models.BinaryField), (model, field)
                sealed.discard((model._meta.db_table, field.name))
    assert sealed == set()


def test_the_api_speaks_of_nothing_forbidden() -> None:
    from shouwang.desk.api import api
    names: set[str] = set()

    def walk(node: object) -> None:
        if isinstance(node, dict):
            names.update(node.get("properties", {}))
            if isinstance(node.get("name"), str) and "in" in node:
                names.add(node["name"])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(api.get_openapi_schema(path_prefix="/api/"))
    assert len(names) > 20
    assert {n for n in names if set(re.split(r"[_\d]+", n.lower())) & (FORBIDDEN - {"origin"})} == set()
