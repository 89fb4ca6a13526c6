"""The centre of Chengdu: real streets with Chinese names; areas made from the streets; every call
generated."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import shapely

from shouwang.engine.geo.distance import Plane
from shouwang.engine.geo.streets import Streets
from shouwang.tables.streets import read_streets

from . import generated
from .example import Example, Past, Place, kmeans, shares

FOLDER = Path(str(files("shouwang") / "data" / "districts" / "chengdu"))
SEED = 28
CONTROL_AREAS, COMMUNITIES = 7, 126
_SECTION = re.compile(r"^(.+?(?:大道|大街|路)).*段$")  # 人民南路四段: a section of 人民南路
_NO_PLACE = re.compile("环|高架|跨线|立交|匝道")
MARGIN_M = 120.0  # ground beyond the outermost crossings


def areas() -> tuple[Sequence[Place], Sequence[Place]]:
    """Seven control areas by k-means of the crossings, each cut into communities in the same way.

    The ground of a community is what lies nearer to its centre than to any other (Voronoi), within the hull
    of the streets. Areas bear the name of the longest street inside that no other area bears."""
    streets = read_streets(FOLDER)
    rng = np.random.default_rng(SEED)
    at = np.column_stack([streets.x_m, streets.y_m])
    hull = shapely.convex_hull(shapely.multipoints(at)).buffer(MARGIN_M, quad_segs=2)
    _, control = kmeans(at, CONTROL_AREAS, rng)
    quota = shares({c: int((control == c).sum()) for c in range(CONTROL_AREAS)}, COMMUNITIES)
    centres = [(c, centre) for c in quota for centre in kmeans(at[control == c], quota[c], rng)[0]]
    ground = shapely.voronoi_polygons(
        shapely.multipoints([centre for _, centre in centres]), extend_to=hull, ordered=True
    )
    shapes = [shapely.intersection(g, hull) for g in shapely.get_parts(ground)]
    return _named(streets, shapes, [c for c, _ in centres])


def _named(streets: Streets, shapes: list[Any], control: list[int]) -> tuple[list[Place], list[Place]]:
    """Control areas numbered from the north-west, communities with them."""
    english = _english()
    inside = [_street_metres(streets, shape) for shape in shapes]
    whole: dict[int, dict[str, float]] = {c: defaultdict(float) for c in sorted(set(control))}
    for c, metres in zip(control, inside, strict=True):
        for name, m in metres.items():
            whole[c][name] += m
    middle = {c: shapely.union_all([s for s, k in zip(shapes, control, strict=True) if k == c]).centroid for c in whole}
    order = sorted(whole, key=lambda c: middle[c].x - middle[c].y)
    taken: set[str] = set()
    control_areas, codes = [], {}
    for number, c in enumerate(order, 1):
        name = _pick(whole[c], taken)
        codes[c] = str(number)
        control_areas.append(Place(codes[c], f"{name}片区", f"{english.get(name, name)} area"))
    taken.clear()
    communities = []
    for number, (shape, c, metres) in enumerate(zip(shapes, control, inside, strict=True), 1):
        name = _pick(metres, taken)
        degrees = shapely.transform(shape, lambda xy: _degrees(streets.plane, xy))
        communities.append(
            Place(f"{number:02}", f"{name}社区", f"{english.get(name, name)} community", codes[c], degrees)
        )
    return control_areas, communities


def _degrees(plane: Plane | None, xy: Any) -> Any:
    assert plane is not None  # the network is given in degrees
    return np.column_stack(plane.to_lonlat(xy[:, 0], xy[:, 1]))


def _street_metres(streets: Streets, shape: Any) -> dict[str, float]:
    """Metres of each street inside a polygon, its sections taken together. Ring roads are left out: they
    name no place."""
    assert streets.name is not None
    shapely.prepare(shape)
    middle_x, middle_y = ((v[streets.tail] + v[streets.head]) / 2 for v in (streets.x_m, streets.y_m))
    metres: dict[str, float] = defaultdict(float)
    for edge in np.flatnonzero(shapely.contains_xy(shape, middle_x, middle_y)):
        name = streets.name[edge]
        if name and not _NO_PLACE.search(name):
            metres[_SECTION.sub(r"\1", name)] += streets.length_m[edge]
    return metres


def _pick(metres: dict[str, float], taken: set[str]) -> str:
    name = max((n for n in metres if n not in taken), key=lambda n: (metres[n], n))
    taken.add(name)
    return name


def _english() -> dict[str, str]:
    with (FOLDER / "names.csv").open(encoding="utf-8", newline="") as f:
        return {row["zh"]: row["en"] for row in csv.DictReader(f)}


@contextmanager
def history() -> Iterator[Past]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "calls.parquet"
        generated.write(path, read_streets(FOLDER), np.random.default_rng(SEED))
        yield Past(
            path=path,
            name="成都中心(生成)",
            source="Generated for this example: no such call was ever made",
            licence="Apache-2.0",
            generated=True,
        )


CHENGDU = Example(
    code="chengdu",
    zh="成都中心城区",
    en="Central Chengdu",
    time_zone="Asia/Shanghai",
    note="generated",
    folder=FOLDER,
    streets=("成都中心城区", "© OpenStreetMap contributors, by way of ourCharts/mTshare", "ODbL 1.0"),
    areas=areas,
    history=history,
    invented=("district", "control_area", "community", "cell"),
    seed=SEED,
    matters=20_000,
    guards=500,
    volunteers=7_000,
    mediations=1_500,
)
