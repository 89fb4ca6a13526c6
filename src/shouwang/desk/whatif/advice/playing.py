"""Both scenarios played through the same calls, and what that comes to as plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from math import inf, isfinite
from typing import Any

import numpy as np

from shouwang.desk.places import facts as places
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.simulate.closing import states, travels
from shouwang.engine.simulate.draws import ByHour, ByShift
from shouwang.engine.simulate.estimates import Estimate, Responses
from shouwang.engine.simulate.model import Kind, Model, OnScene, Unit
from shouwang.engine.simulate.policies import (
    ComplianceTable,
    Dispatch,
    KeepCover,
    MoveUp,
    NearestByReturn,
    NearestFree,
    OwnAreaFirst,
    Policy,
    StayAtPosts,
)
from shouwang.engine.simulate.roads import Roads
from shouwang.engine.simulate.score import CURVE_S, Difference, Score, Window, score
from shouwang.engine.terms import FloatArray

from ..terms import Lined, Question, Scenario, question
from . import ground, lineup

Tick = Callable[[str, float], None]
MINUTE_S = 60.0
SCENE_MIN = 20.0  # minutes at a scene while no case is measured
VARIATION = 0.7  # standard deviation over mean of the stay with a call
DISPATCH: dict[str, Dispatch] = {
    "nearest": NearestFree(), "return": NearestByReturn(), "own_area": OwnAreaFirst(), "cover": KeepCover()
}  # fmt: skip


@dataclass
class _Ticks:
    """Tells the engine's rounds of replications on; whoever waits may end them by raising."""

    tick: Tick
    total: int
    done: int = 0

    def __call__(self) -> bool:
        self.done += 1
        self.tick("playing", 0.4 + 0.55 * min(1.0, 2 * self.done / self.total))
        return False

    def remaining_s(self) -> float:
        return inf


def play(area: str, given: Mapping[str, Any], tick: Tick) -> dict[str, Any]:
    """The figures of a comparison: the same for the same `given`. Raises ShouwangError for what cannot be played."""
    asked_for, streets = question(given), places.streets_of(given["network"])
    named = [a for a in places.areas("control_area") if a.area.startswith(area)]
    kinds, factor = _stays(asked_for, given.get("stays") or {})
    tick("calls", 0.05)
    asked = _asked(area, asked_for, given, streets, [a.area for a in named], kinds)
    asked = replace(asked, source=ByShift(asked.source, factor))
    tick("roads", 0.1)
    sides = {side: _lined(given["units"][side], getattr(asked_for, side), asked, streets) for side in ("a", "b")}
    models, source = _models(asked_for, sides, asked, streets, [a.area for a in named], kinds, tick)
    window = Window(asked.from_s, asked.until_s)
    scores, differences = score(
        models, source, window, asked_for.replications, rng=np.random.default_rng(asked_for.seed),
        within_s=given["within_s"], stop=_Ticks(tick, asked_for.replications),
    )  # fmt: skip
    names = [{"path": a.area, "zh": a.zh, "en": a.en} for a in named] + [{"path": "", "zh": "", "en": ""}]
    return {
        "areas": names, "places": len(asked.at), "moved_days": asked.moved_days, "generated": asked.generated,
        "curve_s": CURVE_S.tolist(), "within_s": given["within_s"], "replications": scores[0].replications,
        "a": _side(scores[0], sides["a"], models[0]), "b": _side(scores[1], sides["b"], models[1]),
        "change": _change(differences[0]),
    }  # fmt: skip


def _asked(
    area: str, q: Question, given: Mapping[str, Any], streets: Streets, areas: list[str], kinds: list[Kind]
) -> ground.Asked:
    start = datetime.fromisoformat(q.start)
    if q.calls == "forecast":
        return ground.expected(streets, given["forecast"], start, q.hours, areas, kinds)
    return ground.replayed(streets, area, start, q.hours, datetime.fromisoformat(given["as_of"]), areas, kinds)


def _stays(q: Question, measured: Mapping[str, Any]) -> tuple[list[Kind], FloatArray]:
    """Kinds of calls with their mean stays, the last for all others, and by hour of the day the factor on them."""
    if not measured:
        return [_kind("any", (q.on_scene_min or SCENE_MIN) * MINUTE_S, 1.0)], np.ones(24)
    kinds = [_kind(row["type"], row["mean_s"], float(row["cases"])) for row in measured["types"]]
    starts = sorted(measured["shifts"])
    return kinds, np.array([measured["shifts"][starts[sum(s <= f"{h:02}:00" for s in starts) - 1]] for h in range(24)])


def _kind(name: str, mean_s: float, share: float) -> Kind:
    return Kind(name, frozenset({"police"}), on_scene=OnScene(mean_s, "lognormal", VARIATION), share=share)


def _spots(streets: Streets, lined: Sequence[Lined]) -> Spots:
    return streets.snap([row.lon for row in lined], [row.lat for row in lined])


def _lined(rows: Sequence[Mapping[str, Any]], scenario: Scenario, asked: ground.Asked, streets: Streets) -> list[Lined]:
    """The units that play, those without a part left out."""
    travel = Travel(streets)

    def drives(lined: Sequence[Lined]) -> FloatArray:
        return travel.matrix(_spots(streets, lined), asked.at)

    found = lineup.counted([Lined(**row) for row in rows], scenario, asked.weight, drives)
    return [row for row in found if row.service == "police" or scenario.first]


def _models(
    q: Question, sides: Mapping[str, list[Lined]], asked: ground.Asked, streets: Streets, areas: list[str],
    kinds: Sequence[Kind], tick: Tick,
) -> tuple[list[Model], ByHour]:  # fmt: skip
    """A model for each scenario; they share the roads where nothing is closed in one alone."""
    closings = {side: ground.closings(streets, getattr(q, side).closures, side) for side in sides}
    state, keys = states(list(closings.values()))
    base, posts = Travel(streets), _spots(streets, [*sides["a"], *sides["b"]])
    roads: dict[Any, Roads] = {}
    models, start = [], 0
    for number, (side, lined) in enumerate(sides.items()):
        scenario: Scenario = getattr(q, side)
        key = scenario.closures
        if key not in roads:
            under = travels(base, closings[side], [one[number] for one in keys])
            roads[key] = Roads.measure(under, asked.at, posts)
        numbers = range(start, start + len(lined))
        start += len(lined)
        units = [_unit(row, post, areas) for row, post in zip(lined, numbers, strict=True)]
        first = frozenset({"guard"}) if scenario.first else None
        own = [replace(kind, first=first) for kind in kinds]
        movable = [unit.post for unit in units if unit.moves_up]
        move_up = _move_up(base, asked, posts, movable) if scenario.move_up else StayAtPosts()
        models.append(Model(roads[key], own, units, Policy(DISPATCH[scenario.dispatch], move_up)))
        tick("roads", 0.1 + 0.3 * (number + 1) / len(sides))
    return models, ByHour(asked.source, state, len(asked.at))


def _unit(row: Lined, post: int, areas: list[str]) -> Unit:
    """Guards belong to no area: they neither cover one nor are kept back for it."""
    police = row.service == "police"
    home = areas.index(row.home) if police and row.home in areas else -1
    return Unit(
        row.id, post, capabilities=frozenset({row.service}), turnout_s=row.turnout_s, home=home,
        moves_up=police and not row.fixed,
    )  # fmt: skip


def _move_up(travel: Travel, asked: ground.Asked, posts: Spots, movable: Sequence[int]) -> MoveUp:
    """While fewer than half of the patrols are free they hold the posts that shorten the mean drive most, one after the
    other; with more, every unit keeps its own post."""
    drive_s = np.minimum(travel.matrix(posts[np.array(movable, np.int64)], asked.at), 3600.0)
    now_s = np.full(len(asked.at), 3600.0)
    order: list[int] = []
    for _ in range(len(movable) // 2):
        better = np.minimum(now_s, drive_s) @ asked.weight
        better[order] = inf
        order.append(int(np.argmin(better)))
        now_s = np.minimum(now_s, drive_s[order[-1]])
    held = [movable[i] for i in order]
    return ComplianceTable(tuple(tuple(held[:n]) for n in range(len(held) + 1)))


def _side(found: Score, lined: Sequence[Lined], model: Model) -> dict[str, Any]:
    busy = dict(zip((unit.name for unit in model.units), found.busy, strict=True))
    return {
        **_responses(found.overall), "events": found.events,
        "curve": [_told(one) for one in found.curve], "worst": found.worst_area,
        "wait_s": _told(found.wait_s), "waited": _told(found.waited), "unserved": _told(found.unserved),
        "busy": _told(found.busy_mean),
        "units": [asdict(row) | {"busy": _told(busy[row.id])} for row in lined],
        "areas": {str(n): _responses(group) for n, group in found.areas.items()},
        "hours": {str(n): _responses(group) for n, group in found.hours.items()},
    }  # fmt: skip


def _responses(group: Responses) -> dict[str, Any]:
    return {
        name: round(value, 4) if name == "calls" else _told(value)
        for name in ("calls", "mean_s", "median_s", "p90_s", "within")
        for value in [getattr(group, name)]
    }


def _change(found: Difference) -> dict[str, Any]:
    names = ("mean_s", "within", "wait_s", "waited", "unserved", "busy_mean")
    return {name: _told(getattr(found, name)) for name in names} | {
        group: {str(n): _told(one) for n, one in getattr(found, group).items()} for group in ("areas", "hours")
    }


def _told(estimate: Estimate) -> list[float | None]:
    """Value, low and high end; None where nothing can be said."""
    return [round(float(v), 6) if isfinite(v) else None for v in (estimate.value, estimate.low, estimate.high)]
