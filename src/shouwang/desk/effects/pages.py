"""What the pages say: figures put into words, rows and lines. No rule is decided here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import numpy as np
import shapely
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from shapely.geometry import shape

from shouwang.desk.calls import facts as calls
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Refused
from shouwang.desk.log.names import names
from shouwang.desk.patrol import facts as patrol
from shouwang.desk.people.templatetags.desk import name
from shouwang.desk.places import facts as places

from . import facts, sentences, terms
from .advice import counting, judging, small
from .models import Review

ROLES: Mapping[str, str | Promise] = {
    "treated": gettext_lazy("with the measure"), "control": gettext_lazy("for comparison"),
    "near": gettext_lazy("next door"),
}  # fmt: skip
HOURS: Mapping[str, str | Promise] = {
    "all": gettext_lazy("around the clock"), "day": gettext_lazy("by day (6—22)"),
    "night": gettext_lazy("by night (22—6)"),
}  # fmt: skip
WIDTH, HEIGHT, LEFT, BOTTOM = 720.0, 260.0, 58.0, 30.0
MAP_W = 640.0
COARSE = 400.0  # outlines are drawn to this part of the map's width
DEFAULT_WEEKS = 26
LONGEST = 6000  # an address that every server and browser takes
MOST_KINDS = 100  # that the list of calls asks for


@dataclass(frozen=True)
class Row:
    """A question in the list."""

    review: Review
    says: str
    verdict: str
    who: str


def row(review: Review, who: Actor) -> Row:
    try:
        figures = small.for_reader(review, who).figures
    except Refused as refused:
        return Row(review, str(refused.message), "none", _who(review))
    return Row(review, sentences.headline(figures), sentences.verdict(figures), _who(review))


# ---- the form


def form(who: Actor, wanted: str, now: datetime) -> dict[str, Any]:
    """What can be asked. `lacks`: why nothing can be."""
    mine = [a for kind in ("district", "control_area") for a in places.areas(kind) if who.may(facts.VIEW, a.area)]
    options = [(a, unit) for a in mine for unit in terms.UNITS if len(counting.units(a.area, unit)) > 1]
    if not options:
        return {"lacks": _("There are no areas yet that could be compared. Import communities first.")}
    area, unit = next(((a, u) for a, u in options if f"{a.area}|{u}" == wanted), options[0])
    span = counting.on_record(area.area, now)
    if span is None:
        return {"lacks": _("There are no calls on record yet. Import past calls, or wait for some.")}
    spots = counting.units(area.area, unit)
    first, last = span
    weeks = min(DEFAULT_WEEKS, max(terms.LEAST_WEEKS, (last - first).days // 14))
    return {
        "options": [
            {"value": f"{a.area}|{u}", "name": a.name, "unit": _unit(u), "chosen": (a, u) == (area, unit)}
            for a, u in options
        ],
        "area": area, "unit": unit, "spots": spots, "hours": HOURS.items(), "kinds": _kinds(area.area),
        "first": first, "last": last, "weeks": weeks, "began": last - timedelta(7 * weeks - 1),
        "least": terms.LEAST_WEEKS, "most": terms.MOST_WEEKS, "map": drawn(spots, {}),
    }  # fmt: skip


def _unit(unit: str) -> str:
    return _("communities") if unit == "community" else _("control areas")


def _kinds(area: str) -> list[dict[str, str]]:
    """Kinds of past calls as their files name them, then the types of this desk."""
    types = {t.code: t for t in calls.types() if t.parent}
    told = {k for h in patrol.histories(area.split("/")[0] + "/") for k in h.kinds if k not in h.excluded_kinds}
    order = [*sorted(told), *sorted(set(types) - told)]
    return [{"value": k, "name": name(types[k]) if k in types else patrol.kind_name(k)} for k in order]


# ---- an answer


def told(review: Review, *, linked: bool = False) -> dict[str, Any]:
    """All that the page of an answer shows. `linked`: each count leads to the calls behind it."""
    figures, asked = review.figures, terms.question(review.given)
    main = figures["main"] and judging.effect(figures["main"])
    began = date.fromisoformat(asked.began)
    behind = _Behind(asked) if linked else None
    return {
        "review": review, "asked": asked, "asker": _who(review), "head": sentences.headline(figures),
        "verdict": sentences.verdict(figures), "size": sentences.size(figures), "near": sentences.next_door(figures),
        "before": (began - asked.span, began - timedelta(1)), "after": (began, began + asked.span - timedelta(1)),
        "hours": HOURS[asked.hours], "kinds": [k["name"] for k in _kinds(asked.area) if k["value"] in asked.kinds],
        "steps": sentences.steps(figures), "checks": sentences.checks(main) if main else [],
        "assumes": [_(text) for text in main.assumptions] if main else [],
        "others": [sentences.other(judging.effect(one)) for one in figures["others"]],
        "areas": areas(figures, behind), "sums": sums(figures, behind), "chart": chart(figures),
        "map": _map(asked, figures), "periods": periods(figures, behind), "figures": figures,
        "weeks_moved": figures["moved_days"] // 7,
    }  # fmt: skip


def moved_on(review: Review, now: datetime) -> bool:
    """Whether an example's record has been moved on since the answer, so that other calls lie on its days."""
    moved: int = review.figures["moved_days"]
    return moved > 0 and moved != counting.moved_days(review.area, now)


@dataclass(frozen=True)
class _Behind:
    """Addresses of the calls behind counts of a question."""

    asked: terms.Question

    def halves(self, paths: Sequence[str]) -> dict[str, str]:
        began = date.fromisoformat(self.asked.began)
        return {"behind_before": self.of(paths, began - self.asked.span, began),
                "behind_after": self.of(paths, began, began + self.asked.span)}  # fmt: skip

    def of(self, paths: Sequence[str], first: date, until: date) -> str:
        """Of the days from `first` up to `until`; nothing where it would be too long for an address."""
        asked = self.asked
        told = [("from", str(first)), ("to", str(until - timedelta(1))), ("area", asked.area), ("source", "resident")]
        told += [("kind", kind) for kind in asked.kinds]
        told += [("clock", asked.hours)] if asked.hours != "all" else []
        told.append(("within", ",".join(paths)))
        address = f"/analysis/calls/?{urlencode(told)}"
        return address if len(address) <= LONGEST and len(asked.kinds) <= MOST_KINDS else ""


def areas(figures: Mapping[str, Any], behind: _Behind | None = None) -> list[dict[str, Any]]:
    """A row per area; before, after and change are None where the reader may not be told."""
    order = list(ROLES)
    return [
        {"name": name(a), "role": a["role"], "role_word": ROLES[a["role"]]} | _told(a["counts"])
        | (behind.halves([a["path"]]) if behind else {})
        for a in sorted(figures["areas"], key=lambda a: (order.index(a["role"]), a["path"]))
    ]  # fmt: skip


def _told(counts: Sequence[int | None]) -> dict[str, Any]:
    known, half = [n for n in counts if n is not None], len(counts) // 2
    if len(known) < len(counts):
        return {"before": None, "after": None, "change": None}
    before, after = sum(known[:half]), sum(known[half:])
    return {"before": before, "after": after, "change": sentences.change(before, after)}


def sums(figures: Mapping[str, Any], behind: _Behind | None = None) -> list[dict[str, Any]]:
    half = len(figures["parts"]) // 2
    found = []
    for role, counts in figures["sums"].items():
        before, after = sum(counts[:half]), sum(counts[half:])
        paths = _paths(figures, role)
        found.append({"role": role, "role_word": ROLES[role], "areas": len(paths), "before": before, "after": after,
                      "change": sentences.change(before, after)}
                     | (behind.halves(paths) if behind else {}))  # fmt: skip
    return found


def _paths(figures: Mapping[str, Any], role: str) -> list[str]:
    return [a["path"] for a in figures["areas"] if a["role"] == role]


def without(figures: Mapping[str, Any]) -> list[float]:
    """Calls the treated areas would have had in each part, had they moved as the comparison did; without one, as many
    as before on average."""
    treated, control = figures["sums"]["treated"], figures["sums"].get("control")
    half = len(treated) // 2
    if control is None or not sum(control[:half]):
        return [sum(treated[:half]) / half] * len(treated)
    times = sum(treated[:half]) / sum(control[:half])
    return [n * times for n in control]


def periods(figures: Mapping[str, Any], behind: _Behind | None = None) -> list[dict[str, Any]]:
    """A row per part of the time."""
    expected, half = without(figures), len(figures["parts"]) // 2
    rows = zip(figures["parts"], figures["sums"]["treated"], expected, strict=True)
    length, paths = timedelta(7 * figures["part_weeks"]), _paths(figures, "treated")
    return [
        {"day": day, "treated": n, "without": f"{e:.1f}", "after": i >= half}
        | ({"behind": behind.of(paths, date.fromisoformat(day), date.fromisoformat(day) + length)} if behind else {})
        for i, (day, n, e) in enumerate(rows)
    ]


def chart(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Two lines and where the measure began, in units of the drawing."""
    treated, expected = figures["sums"]["treated"], without(figures)
    top = max(1.0, *treated, *expected)
    step = next(s for s in _steps() if top / s <= 4)
    top = step * float(np.ceil(top / step))
    n = len(treated)

    def x(i: float) -> float:
        return round(LEFT + (WIDTH - LEFT - 10) * (i + 0.5) / n, 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - 24) * value / top, 1)

    def line(values: Sequence[float]) -> str:
        return " ".join(f"{x(i)},{y(v)}" for i, v in enumerate(values))

    half = n // 2
    return {
        "width": WIDTH, "height": HEIGHT, "treated": line(treated), "without": line(expected), "left": LEFT,
        "right": WIDTH - 10, "floor": y(0), "began": x(half - 0.5), "began_day": figures["parts"][half],
        "ticks": [{"y": y(v), "label": f"{v:g}"} for v in np.arange(0, top + step / 2, step).tolist()],
        "first": figures["parts"][0], "last": figures["parts"][-1], "last_x": x(n - 1), "first_x": x(0),
        "dots": [{"x": x(i), "y": y(v)} for i, v in enumerate(treated)],
    }  # fmt: skip


def _steps() -> Iterator[int]:
    scale = 1
    while True:
        yield from (scale, 2 * scale, 5 * scale)
        scale *= 10


def _map(asked: terms.Question, figures: Mapping[str, Any]) -> dict[str, Any]:
    roles = {a["path"]: a["role"] for a in figures["areas"]}
    return drawn(counting.units(asked.area, asked.unit), roles)


def drawn(spots: Sequence[places.Spot], roles: Mapping[str, str]) -> dict[str, Any]:
    """Outlines of areas, in units of a drawing as wide as `MAP_W`."""
    shapes = [shape(one.geometry) for one in spots]
    if not shapes:
        return {}
    west, south, east, north = shapely.total_bounds(shapes)
    flat = float(np.cos(np.radians((south + north) / 2)))
    scale = MAP_W / max(1e-9, (east - west) * flat)
    height = (north - south) * scale
    paths = []
    for spot, one in zip(spots, shapes, strict=True):
        outline = one.simplify((east - west) / COARSE)
        rings = [ring for part in getattr(outline, "geoms", [outline]) for ring in (part.exterior, *part.interiors)]
        at = [[((lon - west) * flat * scale, (north - lat) * scale) for lon, lat in ring.coords] for ring in rings]
        drawing = "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring) + "Z" for ring in at)
        paths.append({"path": spot.area, "name": spot.name, "role": roles.get(spot.area, ""), "d": drawing})
    return {"width": MAP_W, "tall": f"{height + 4:.1f}", "paths": paths}


def _who(review: Review) -> str:
    return names("user", [review.made_by]).get(review.made_by, review.made_by)
