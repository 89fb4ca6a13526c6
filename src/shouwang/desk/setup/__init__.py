"""Makes a centre ready: its rules, and the example district if asked. Everything here may be run again;
what stands already is left as it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
from django.utils import timezone

from shouwang.desk.calls import defaults as calls
from shouwang.desk.config import Config
from shouwang.desk.log.actor import system
from shouwang.desk.log.writing import writing
from shouwang.desk.people import defaults as people
from shouwang.desk.places import facts as places
from shouwang.desk.places import streets
from shouwang.desk.places.models import Area, Post
from shouwang.desk.units import defaults as units
from shouwang.desk.units.models import Unit
from shouwang.desk.workflow import defaults as workflow
from shouwang.desk.workflow.models import Setting
from shouwang.engine.errors import BadInput, Fault

from .accounts import Account, accounts, make
from .crew import post_and_unit_rows
from .example import Example, area_rows
from .stlouis import STLOUIS

__all__ = ["EXAMPLES", "Account", "accounts", "load_rules", "prepare"]

EXAMPLES = {e.code: e for e in (STLOUIS,)}
Say = Callable[[str], None]


def load_rules() -> None:
    """The default rules (data/domain). Rows that stand already are left as they are."""
    workflow.load()
    people.load()
    units.load()
    calls.load()


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
    tonight's plan. `live` readies the replay. Returns the demo accounts, none without `demo`. Raises
    BadInput for an unknown name."""
    if district not in EXAMPLES:
        raise BadInput(
            [
                Fault(
                    "--district",
                    "there is no example district of this name",
                    district,
                    f"Use one of: {', '.join(EXAMPLES)}.",
                )
            ]
        )
    load_rules()
    if not demo:
        return []
    if not Area.objects.exists():
        load_example(config, EXAMPLES[district], now or timezone.now(), say)
    return accounts(config)


def load_example(config: Config, example: Example, now: datetime, say: Say) -> None:
    """One example district, in one transaction: all of it or nothing."""
    actor = system("setup")
    with writing(actor=actor, now=now) as log:
        say(f"Cutting {example.en} into control areas, communities and grid cells")
        rows = area_rows(example)
        Area.objects.bulk_create(rows)
        top, control_areas = rows[0], [r for r in rows if r.kind == "control_area"]
        say("Taking in the streets")
        name, origin, licence = example.streets
        network = streets.install(example.folder, name=name, origin=origin, licence=licence, now=now)
        say("Placing posts and units")
        rng = np.random.default_rng(example.seed)
        posts, crews = post_and_unit_rows(places.streets(), control_areas, rng, now)
        Post.objects.bulk_create(posts)
        Unit.objects.bulk_create(crews)
        make(config, top=top.path, control_area=control_areas[0].path, units=crews, now=now)
        settings: dict[str, Any] = {
            "district_zh": example.zh,
            "district_en": example.en,
            "time_zone": example.time_zone,
            "example_note": example.note,
        }
        Setting.objects.bulk_create(
            [Setting(key=k, value=v) for k, v in settings.items()], ignore_conflicts=True
        )
        log.append(
            "import.done",
            subject=("import", f"example-{example.code}"),
            area=top.path,
            may="config.edit",
            payload={
                "areas": len(rows),
                "posts": len(posts),
                "units": len(crews),
                "nodes": network.nodes,
                "edges": network.edges,
            },
        )
