"""St. Louis: real calls, streets and neighbourhoods; control areas joined from them by majority."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from contextlib import nullcontext
from importlib.resources import files
from pathlib import Path

from shapely.geometry import shape

from .example import Example, Past, Place

FOLDER = Path(str(files("shouwang") / "data" / "districts" / "stlouis"))
NUMERALS = "一二三四五六七八九"


def areas() -> tuple[Sequence[Place], Sequence[Place]]:
    control_areas = [Place(str(n), f"{NUMERALS[n - 1]}控区", f"Control area {n}") for n in range(1, 7)]
    with (FOLDER / "names.csv").open(encoding="utf-8", newline="") as f:
        chinese = {int(row["number"]): row["zh"] for row in csv.DictReader(f)}
    features = json.loads((FOLDER / "neighbourhoods.geojson").read_text(encoding="utf-8"))["features"]
    communities = [
        Place(
            str(p["number"]),
            chinese[p["number"]],
            p["name"],
            str(p["district_majority"]),
            shape(f["geometry"]),
        )
        for f in features
        for p in [f["properties"]]
    ]
    return control_areas, communities


PAST = Past(
    path=FOLDER / "calls.parquet",
    name="St. Louis 2015–2019",
    source="Metropolitan Police Department, monthly files, by way of slu-soc5650/crime-data-sp22",
    licence="ODC-By 1.0",
    found_by_patrols=("drugs", "loitering_begging", "weapons", "stolen_property", "liquor", "dwi", "gambling"),
)

STLOUIS = Example(
    code="stlouis",
    zh="圣路易斯",
    en="St. Louis",
    time_zone="America/Chicago",
    note="example",
    folder=FOLDER,
    streets=("St. Louis", "U.S. Census Bureau TIGER/Line 2019", "public domain"),
    areas=areas,
    history=lambda: nullcontext(PAST),
    invented=("control_area", "cell"),
    seed=314,
    matters=600,
    guards=60,
    volunteers=400,
    mediations=200,
    chinese_holidays=False,
)
