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
    "calls_calllink": {"by"},
    # staff who entered a sheet, who took a photo, who ticked a line of a run card, who wrote down what a facility told
    "calls_paperentry": {"by"}, "calls_scenephoto": {"by"}, "calls_cardstep": {"by"},
    "sites_facility": {"told_by"},
    "calls_savedview": {"user"}, "linked_seat": {"user"},  # whose view; whose account answers for an agency
    "calls_draft": {"user", "body"},  # sealed, at most 24 hours
    "patrol_plan": {"made_by", "submitted_by", "decided_by", "reason"}, "patrol_job": {"made_by"},
    "whatif_study": {"made_by"}, "closures_closure": {"made_by"}, "beats_proposal": {"made_by"},
    # Staff on rosters: who is planned for with leave and wishes entered (never why), their turns, their calendar link.
    "roster_roster": {"made_by", "published_by", "asked", "given", "rows"}, "roster_turn": {"user"},
    "roster_entry": {"user", "made_by"}, "roster_feed": {"user"},
    # Staff who change turns with each other (never why), and who clocked on at a desk or post.
    "roster_swap": {"user", "other", "made_by", "decided_by"}, "roster_presence": {"user"},
    # Brigades. Staff as members of a team: what they hold, learn and are thanked for; discipline and requests in sealed
    # words. Applicants: number, sealed name and telephone, deleted half a year after the decision.
    "brigades_team": {"leader"},
    "brigades_member": {"id", "user", "kind", "badge", "armband", "contract_no", "left_why"},
    "brigades_issue": {"gear", "number", "returned_how"}, "brigades_training": {"course", "taught"},
    "brigades_praise": {"kind", "reference", "given_by"},
    "brigades_case": {"breach", "state", "grounds", "proposed_by", "statement", "measure", "decision", "decided_by"},
    "brigades_correction": {"about", "words", "answer", "answered_by"},
    "brigades_notice": {"made_by"}, "brigades_applicant": {"id", "name", "phone", "state"},
    "brigades_objection": {"words", "answer", "answered_by"},  # who made it is kept nowhere
    "brigades_help": {"by"}, "brigades_jointpatrol": {"made_by"},
    "effects_review": {"made_by"},
    # Staff who write, hand in and sign off what the public reads, who ask it. Of who answers nothing is kept.
    "bulletins_bulletin": {"made_by", "submitted_by", "published_by"}, "bulletins_survey": {"made_by"},
    "linked_task": {"sent_by"}, "linked_said": {"by", "text"},  # staff; sealed words of staff and agencies
    "watch_handover": {"given_by", "given_note", "taken_by", "taken_note"},  # staff, and their sealed notes
    # Grid matters: staff as the id of their account (a resident has none there); how a resident may be told, sealed.
    "matters_matter": {"reported_by", "answered_by", "contact"}, "matters_jointtask": {"set_by"},
    "matters_matterwords": {"by", "text"},  # sealed words of reporters and staff
    "matters_matterphoto": {"by"},
    # Volunteers who registered themselves: name and number sealed, the row deleted when they withdraw; the office of a
    # trade association, sealed; sealed words to them and from them; helpers hurt, sealed with their claim.
    "volunteers_volunteer": {"contact"}, "volunteers_association": {"contact"},
    "volunteers_notice": {"by", "text", "picture"}, "volunteers_answer": {"text", "handled_by"},
    "volunteers_service": {"by"}, "volunteers_claim": {"contact", "by"}, "volunteers_claimwords": {"by", "text"},
    "phone_dutynote": {"by", "text"},  # staff as the id of their account; sealed words of staff
    # What came in and who rang, sealed; a ringing call's keyed mark and staff who answered or sit there, for a day.
    "channels_item": {"claimed_by", "sender", "words"}, "channels_reply": {"by", "text"},
    "channels_ring": {"number", "mark", "answered_by", "back_by"}, "channels_ringevent": {"number", "mark"},
    "channels_seat": {"user"}, "channels_visit": {"claimed_by"},
    # Mediation: staff as the id of their account; who quarrels, what was said and agreed lies sealed.
    "mediation_mediation": {"registered_by", "mediator"}, "mediation_party": {"details"},
    "mediation_declaration": {"by"}, "mediation_disputewords": {"by", "text"}, "mediation_session": {"by", "minutes"},
    "mediation_agreement": {"by", "terms"}, "mediation_visit": {"by", "text"}, "mediation_screened": {"entered_by"},
    "drill_replay": {"started_by"}, "places_upload": {"by"},
    # Major events: staff who start, sign, tick and issue; sealed words of staff. Of residents numbers alone.
    "events_major": {"started_by"}, "events_command": {"given_by", "taken_by"}, "events_tick": {"done_by"},
    "events_item": {"text"}, "events_said": {"text"}, "events_warning": {"issued_by"},
    "log_reason": {"words"}, "log_hold": {"reason"},  # sealed words of staff
    # Neighbouring centres: staff as the id of their account; documents, which never hold a caller, sealed all the same.
    "exchange_neighbour": {"first_by", "second_by"}, "exchange_help": {"made_by", "taken_by"},
    "exchange_document": {"body"},
    # Staffing norms: staff who draft, decide and look; office contacts inside the row of an office or firm, sealed.
    "norms_norm": {"made_by", "decided_by", "reason"}, "norms_tick": {"by"},
    "norms_locality": {"contact"}, "norms_contract": {"contact"},
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
    # offices and firms by their public names, and what they do: nobody of them
    "workflow_agency": {"code", "zh", "en", "kind", "tasks_zh", "tasks_en"},
    "workflow_setting": {"key", "value"},
    "people_role": {"code", "zh", "en", "permissions"}, "people_grant": {"id", "area"},
    "people_token": {"id", "name", "hash"},
    "places_area": {"id", "zh", "en", "path", "parent", "code", "kind", "geometry", "setting"},
    "places_post": {"id", "zh", "en", "code", "kind", "area"},
    "places_landmark": {"id", "zh", "en", "code", "kind", "others", "area"},  # public places by their names
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
    "sites_facility": {"state"},  # counts of places
    "sites_hazard": {"id", "kind", "area", "owner"},  # of fixed lists, without words; owner: an office
    "alarms_panel": {"id", "site", "account", "key"},  # a device of a site; key: its own, encrypted
    "alarms_signal": {"id", "code", "call"}, "alarms_fault": {"id", "kind", "matter"},  # never who comes when
    "calls_calltype": {"zh", "en", "code", "parent", "service", "source_kind", "keywords_zh", "keywords_en",
    "can_become"},
    "calls_call": {"id", "number", "state", "place", "detail", "area", "services", "source", "disposition", "target",
                   "receiver", "panic_unit", "asked", "site"},
    "calls_callwords": {"id"}, "calls_note": {"id", "kind"}, "calls_calllink": {"id", "kind"},
    # Data quality: records, rules and steps by code and area; who did a step is kept nowhere, and counted by nobody.
    "quality_finding": {"id", "kind", "record", "number", "rule", "step", "area", "state", "why"},
    "quality_tally": {"area", "kind", "step"},
    "calls_assignment": {"id", "unit", "state", "result", "from_call", "stand_zh", "stand_en"},
    "calls_savedview": {"id", "name", "query"},  # how a board is filtered and laid out
    "calls_late": {"timer", "to"},  # a standard that was missed, and the role that was told
    "calls_scenephoto": {"id", "unit"}, "linked_seat": {"agency"},
    # streets shut for a while: where, why (one of a fixed list), until when
    "closures_closure": {"id", "area", "zh", "en", "network", "edges", "lines", "reason"},
    "calls_jurisdiction": {"id", "zh", "en", "code", "types", "area", "roads", "site_kinds", "agency", "home",
                           "fallback"},  # rules by kinds of calls and places: offices, nobody
    # rules by kinds of calls and places, roles and steps: what is to be done, by nobody in particular
    "calls_alarmlevel": {"zh", "en", "colour_zh", "colour_en", "when_zh", "when_en"},
    "calls_responseplan": {"zh", "en", "code", "call_type", "place_flag", "area", "needs", "notify", "agencies",
                           "checklist"},
    "calls_cardstep": {"kind", "code"},
    "calls_measure": {"what", "key", "figures"},  # means and counts by service, type and hour: no unit, nobody, no call
    "cordon_exit": {"id", "zh", "en", "area"},  # places by which the district is left
    "patrol_historyfile": {"id", "area", "name", "source", "licence", "kinds", "excluded_kinds", "sha256"},
    "patrol_forecast": {"id", "area", "model", "settings", "left_out", "backtest", "by_area", "shifts", "week",
    "parts", "sha256"},
    "bulletins_bulletin": {"id", "zh", "en", "area", "text_zh", "text_en", "state"},  # what is published to everybody
    "bulletins_survey": {"id", "zh", "en", "area", "questions", "state", "result"},
    "bulletins_tally": {"area", "question"},  # how many chose what: sums, no answer by itself
    "bulletins_taken": {"id"},  # proofs of work, until the survey is over
    "patrol_plan": {"id", "area", "state", "figures"},
    "patrol_planpost": {"id", "unit", "code", "zh", "en", "letter", "service", "base_zh", "base_en",
    "place_zh", "place_en",
                        "area"},
    "patrol_plantour": {"id", "unit", "visits", "edges", "at_s", "path"},
    "patrol_tourstep": {"id", "reason"},  # reason: one of a fixed list
    "patrol_seenhour": {"id", "area", "streets", "network", "forecast"},  # streets of a district: no unit, nobody
    "patrol_patrolhour": {"id", "area", "minutes", "at_posts"},  # of all together, by community; of under 3 no place
    "patrol_visitchance": {"id", "area", "hours", "chance"},  # by community: a plan, no unit
    "patrol_job": {"id", "kind", "area", "state", "step", "error"},
    "whatif_study": {"id", "area", "title", "given", "figures", "digest", "state", "step", "error"},
    "beats_proposal": {"id", "area", "given", "figures", "digest", "state", "step", "error"},  # cells and their calls
    "roster_roster": {"id", "area", "figures", "state", "step", "error"},  # figures: costs, and needs not met
    "roster_turn": {"id", "shift", "service", "unit"},
    "roster_entry": {"id", "area", "kind", "shift"},  # kind: of a fixed list
    "roster_feed": {"id", "hash"},
    "roster_swap": {"id", "kind", "shift", "service", "other_shift", "state"},
    # Places by their name, as areas and posts have them: never a position.
    "roster_presence": {"id", "area", "on_place", "off_place"},
    "roster_deskgap": {"id", "area"},
    "brigades_team": {"zh", "en", "id", "code", "rank", "area", "rules", "lent"},  # rules: of work, agreed for all
    "brigades_issue": {"id"}, "brigades_training": {"id"}, "brigades_praise": {"id"}, "brigades_case": {"id"},
    "brigades_correction": {"id"}, "brigades_objection": {"id"},
    "brigades_notice": {"id", "title", "criteria", "office", "state"},  # for everybody; office: nobody by name
    "brigades_help": {"id", "kind"}, "brigades_jointpatrol": {"id", "area"},  # help counted: nobody who gave or got it
    "effects_review": {"id", "area", "title", "given", "figures", "digest"},  # areas, times and counts of calls
    "linked_task": {"id", "call", "agency", "area", "state", "late"}, "linked_said": {"id"},
    "watch_handover": {"id", "kind", "area", "state", "items"},  # items: what was open
    "matters_cellcount": {"area", "source"},  # one total of residents, and who counted: an office's report
    "phone_checkpoint": {"code", "zh", "en", "area", "id"}, "phone_dutynote": {"id", "unit", "area"},
    "phone_visit": {"id", "unit", "how"},  # a place was seen by a unit: nobody by name
    # grid matters: what, where, which office; `follow` is a digest of a code that is kept nowhere
    "matters_mattertype": {"zh", "en", "code", "parent", "level", "agency"},
    "matters_reportingpoint": {"zh", "en", "id", "code", "kind", "area"},  # places with a public mark, without a keeper
    "matters_matter": {"id", "number", "level", "state", "place", "area", "source", "call", "handler", "reference",
                       "follow", "told", "check_by"},
    "matters_matterwords": {"id", "kind"}, "matters_matterphoto": {"id", "kind"},
    "matters_jointtask": {"id", "joint", "agency", "state", "told"},
    # another centre by its name, address and key; what is asked for which call; fault: what its server answered
    "exchange_neighbour": {"zh", "en", "id", "address", "public_key", "thumbprint", "sends"},
    "exchange_help": {"id", "side", "call", "area", "state", "type", "type_text", "place", "asked", "offered", "number",
                      "units"},  # units: call signs and states
    "exchange_document": {"id", "state", "digest", "fault"},
    # communities and villages: numbers of households and guards, never whom; contracts with offices and firms
    "norms_norm": {"id", "zh", "en", "code", "rule", "state", "source"}, "norms_tick": {"id", "item"},
    "norms_locality": {"grade", "id", "zh", "en", "code", "kind", "area", "office_place"},
    "norms_count": {"id", "management", "source"},  # management: of a fixed list; source: an office or document
    "matters_officeitem": {"id", "zh", "en", "area", "kind", "answers"},  # answers: an office or post
    "norms_tally": {"id", "code", "source"},  # source: an office or document
    "norms_contract": {"id", "kind", "number", "body", "terms"}, "norms_payment": {"id"},
    # volunteers: which community and trade, which text was agreed to; notices: what kind, where, until when
    "volunteers_volunteer": {"id", "area", "trade", "channel", "state", "why", "follow", "consent"},
    "volunteers_association": {"id", "name", "trade", "area", "state", "why", "follow", "consent"},  # an organisation
    "volunteers_group": {"id", "code", "name", "area"},  # of a lane or building
    "volunteers_service": {"id", "area", "trade", "kind"},
    "volunteers_notice": {"id", "kind", "about", "area", "trades", "call"},  # kind and about: of fixed lists
    "volunteers_message": {"id", "purpose", "channel", "state", "taken", "fault"},  # no words, no address
    "volunteers_answer": {"id", "what"},
    "volunteers_claim": {"id", "area", "helper", "state", "papers"},  # papers: how many of each kind
    "volunteers_claimwords": {"id"},
    # plans and events: roles, places, times, numbers of people; owner: a role or an agency; warnings for everybody
    "events_eventplan": {"zh", "en", "code", "kind_zh", "kind_en", "call_types", "levels", "tasks", "resources",
                         "checklist", "end_zh", "end_en"},
    "events_major": {"id", "number", "code", "plan", "level", "state", "area", "place", "counts"},
    "events_joined": {"call"}, "events_command": {"id", "role", "level", "state"},
    "events_sector": {"id", "name", "ring"}, "events_placed": {"kind", "ref"}, "events_said": {"id"},
    "events_item": {"id", "kind", "code", "owner", "state"}, "events_tick": {"of", "code", "level"},
    "events_warning": {"id", "identifier", "area", "msg_type", "status", "given", "xml"},
    # what came in: by which way, what its words suggest, where; `ref` is a keyed digest of its number
    "channels_item": {"id", "channel", "ref", "area", "type", "place", "state", "call", "why"},
    "channels_reply": {"id", "state", "fault"},
    # calls at the exchange: its own number of the call, the queue, the telephone that answered, what came of it
    "channels_ring": {"id", "unique_no", "area", "line", "state", "call", "back"},
    "channels_ringevent": {"id", "kind", "unique_no", "line", "seat"}, "channels_line": {"name"},
    "channels_seat": {"seat"}, "channels_visit": {"id", "call", "type", "area", "state", "why"},
    # mediation: kind, community, body, step; of who quarrels only the side and whether a person or an organisation
    "mediation_agreementtemplate": {"zh", "en", "code", "kinds", "text_zh", "text_en"},  # layouts, with blank fields
    "mediation_disputekind": {"zh", "en", "code", "level", "body", "also"},
    "mediation_mediationbody": {"zh", "en", "code", "way", "tier", "agency"},
    "mediation_mediation": {"id", "number", "level", "state", "area", "source", "call", "matter", "task", "reference",
                            "performed", "target", "follow"},  # follow: digest of the code of who asked for it
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
              ("patrol_plan", "reason"), ("linked_said", "text"), ("watch_handover", "given_note"),
              ("phone_dutynote", "text"),
              ("watch_handover", "taken_note"), ("sites_site", "contact"), ("matters_matter", "contact"),
              ("matters_matterwords", "text"), ("brigades_case", "grounds"), ("brigades_case", "statement"),
              ("brigades_case", "decision"), ("brigades_correction", "words"), ("brigades_correction", "answer"),
              ("brigades_applicant", "name"), ("brigades_applicant", "phone"), ("brigades_objection", "words"),
              ("brigades_objection", "answer"), ("exchange_document", "body"), ("norms_norm", "reason"),
              ("norms_locality", "contact"), ("norms_contract", "contact"), ("volunteers_volunteer", "contact"),
              ("volunteers_association", "contact"), ("volunteers_notice", "text"), ("volunteers_answer", "text"),
              ("volunteers_claim", "contact"), ("volunteers_claimwords", "text"), ("channels_item", "sender"),
              ("channels_item", "words"), ("channels_reply", "text"), ("channels_ring", "number"),
              ("channels_ringevent", "number"), ("mediation_party", "details"), ("mediation_disputewords", "text"),
              ("mediation_session", "minutes"), ("mediation_agreement", "terms"), ("mediation_visit", "text")}
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
