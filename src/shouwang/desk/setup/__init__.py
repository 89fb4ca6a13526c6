"""Makes a centre ready: its rules, and the example district if asked. Everything here may be run again;
what stands already is left as it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from django.utils import timezone

from shouwang.desk.calls import defaults as calls
from shouwang.desk.config import Config
from shouwang.desk.cordon import defaults as cordon
from shouwang.desk.drill import actions as drill
from shouwang.desk.events import defaults as event_plans
from shouwang.desk.log.actor import system
from shouwang.desk.log.errors import Refused
from shouwang.desk.log.writing import writing
from shouwang.desk.matters import defaults as matter_types
from shouwang.desk.mediation import defaults as disputes
from shouwang.desk.norms import defaults as norms
from shouwang.desk.patrol import actions as patrol
from shouwang.desk.patrol.models import Forecast, HistoryFile, Plan
from shouwang.desk.people import defaults as people
from shouwang.desk.places import facts as places
from shouwang.desk.places import streets
from shouwang.desk.places.importers import Source
from shouwang.desk.places.landmarks import read as landmark_rows
from shouwang.desk.places.models import Area, Landmark, Post
from shouwang.desk.sites.models import Facility, Hazard, Site
from shouwang.desk.units import actions as unit_actions
from shouwang.desk.units import defaults as units
from shouwang.desk.units.models import Unit
from shouwang.desk.workflow import defaults as workflow
from shouwang.desk.workflow.models import Setting
from shouwang.engine.errors import BadInput, Fault

from . import beat, brigades, matters, mediation, patrols, together, villages, volunteers
from .accounts import Account, accounts, make
from .chengdu import CHENGDU
from .crew import post_and_unit_rows
from .example import Example, area_rows
from .sites import site_rows
from .stlouis import STLOUIS

__all__ = ["EXAMPLES", "Account", "accounts", "load_rules", "prepare"]

EXAMPLES = {e.code: e for e in (STLOUIS, CHENGDU)}
SETUP = system("setup")
Say = Callable[[str], None]


def load_rules() -> None:
    """The default rules (data/domain). Rows that stand already are left as they are."""
    workflow.load()
    people.load()
    units.load()
    calls.load()
    matter_types.load()
    norms.load()
    event_plans.load()
    disputes.load()


def prepare(
    config: Config,
    *,
    district: str = "stlouis",
    live: bool = False,
    demo: bool = True,
    say: Say = lambda line: None,
    now: datetime | None = None,
) -> list[Account]:
    """Loads the rules and, with `demo`, the example district `district` with its first forecast and
    tonight's plan; with `live`, starts the replay. What stands is left as it is, so that a later start
    costs next to nothing.

    Returns the demo accounts, none without `demo`. Raises BadInput for an unknown district.
    """
    if district not in EXAMPLES:
        names = ", ".join(EXAMPLES)
        raise BadInput([Fault("--district", "there is no such example district", district, f"Use one of: {names}.")])
    load_rules()
    if not demo:
        return []
    now = now or timezone.now()
    example = EXAMPLES[district]
    if not Area.objects.exists():
        load_example(config, example, now, say)
    if Area.objects.filter(path=f"{example.code}/").exists():
        load_history(example, now, say)
        _foresee(example, now, say)
        _replay(live, now, say)
    return accounts(config)


def load_example(config: Config, example: Example, now: datetime, say: Say) -> None:
    """One example district, in one transaction: all of it or nothing."""
    with writing(actor=SETUP, now=now) as log:
        say(f"Cutting {example.en} into control areas, communities and grid cells")
        rows = area_rows(example)
        Area.objects.bulk_create(rows)
        top, control_areas = rows[0], [r for r in rows if r.kind == "control_area"]
        community = next(r for r in rows if r.kind == "community" and r.parent == control_areas[0].path)
        say("Taking in the streets")
        name, origin, licence = example.streets
        network = streets.install(example.folder, name=name, origin=origin, licence=licence, now=now)
        say("Placing posts, units and accounts")
        rng = np.random.default_rng(example.seed)
        posts, crews = post_and_unit_rows(places.streets(), control_areas, community, rng, example.seed, now)
        Post.objects.bulk_create(posts)
        Unit.objects.bulk_create(crews)
        exits = cordon.load(example.folder / "exits.csv")
        sites, hazards, taking = site_rows(example, rows, now)
        Site.objects.bulk_create(sites)
        Facility.objects.bulk_create(taking)
        Hazard.objects.bulk_create(hazards)
        landmarks = landmark_rows(Source(example.folder / "landmarks.csv", "landmarks.csv", SETUP))
        for mark in landmarks:
            mark.example = True
        Landmark.objects.bulk_create(landmarks)
        make(
            config, top=top.path, control_area=control_areas[0].path, community=community.path, units=crews, now=now
        )
        say("Inventing grid matters and reporting points")
        invented = matters.invent(places.streets(), rng, now, count=example.matters, chinese=example.chinese_holidays)
        log.append("matters.added", subject=("matters", example.code), area=top.path, may="config.edit",
                   payload={"count": invented})
        log.append("checkpoints.added", subject=("checkpoints", example.code), area=top.path, may="config.edit",
                   payload={"count": beat.invent(places.streets(), community, example.seed, now)})
        say("Inventing brigades")
        local = now.astimezone(ZoneInfo(example.time_zone)).date()
        members = brigades.invent(rows, community, rng, local, now, guards=example.guards)
        log.append("brigades.added", subject=("brigades", example.code), area=top.path, may="team.manage",
                   payload={"count": members})
        counted = villages.invent(example, rows, now)
        log.append("patrol.timed", subject=("area", top.path), area=top.path, may="patrol.view",
                   payload={"hours": patrols.invent(example, rows, now)})
        say("Inventing volunteers")
        invented = volunteers.invent(rows, rng, now, count=example.volunteers, chinese=example.chinese_holidays)
        log.append("volunteers.added", subject=("volunteers", example.code), area=top.path, may="config.edit",
                   payload={"count": invented})
        disputed = mediation.invent(rows, rng, now, count=example.mediations, chinese=example.chinese_holidays)
        log.append("mediation.added", subject=("mediation", example.code), area=top.path, may="config.edit",
                   payload={"count": disputed})
        say("Inventing joint work, rosters and what residents read")
        log.append("joint.added", subject=("matters", example.code), area=top.path, may="config.edit",
                   payload=together.invent(rows, local, now))
        unit_actions.show_all(log, [unit.id for unit in crews])
        Setting.objects.bulk_create(
            [
                Setting(key="district_zh", value=example.zh),
                Setting(key="district_en", value=example.en),
                Setting(key="time_zone", value=example.time_zone),
                Setting(key="example_note", value=example.note),
                Setting(key="chinese_holidays", value=example.chinese_holidays),
            ],
            ignore_conflicts=True,
        )
        counts = {"areas": len(rows), "posts": len(posts), "units": len(crews), "exits": exits, "sites": len(sites),
                  "landmarks": len(landmarks),
                  "localities": counted,
                  "nodes": network.nodes}
        subject = ("import", f"example-{example.code}")
        log.append("import.done", subject=subject, area=top.path, may="config.edit", payload=counts)


def _replay(live: bool, now: datetime, say: Say) -> None:
    """Starts the replay, or ends the one that an earlier start left behind."""
    if not live:
        drill.end(actor=SETUP, now=now)
        return
    say("Starting the replay of a past day")
    drill.start(actor=SETUP, now=now)


def load_history(example: Example, now: datetime, say: Say) -> None:
    """The past calls of an example district, unless they are there."""
    top = f"{example.code}/"
    if HistoryFile.objects.filter(area=top).exists():
        return
    say("Reading past calls")
    with example.history() as past:
        patrol.add_history(
            actor=SETUP,
            now=now,
            path=past.path,
            name=past.name,
            area=top,
            source=past.source,
            licence=past.licence,
            excluded=past.found_by_patrols,
            generated=past.generated,
            example=True,
        )


def _foresee(example: Example, now: datetime, say: Say) -> None:
    """The first forecast and tonight's plan, each unless it is there."""
    top = f"{example.code}/"
    try:
        if not Forecast.objects.filter(area=top).exists():
            say("Forecasting the coming two days")
            patrol.make_forecast(actor=SETUP, now=now, area=top)
        if not Plan.objects.filter(area=top).exists():
            say("Proposing posts and tours for the coming shifts")
            patrol.propose_plans(actor=SETUP, now=now, area=top)
    except Refused as refusal:  # a centre without a forecast still takes calls
        say(str(refusal))
