"""What a planner asks, as plain values. They are kept as JSON: `plain` and `question` turn them over and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

DISPATCH = ("nearest", "return", "own_area", "cover")
SERVICES = ("police", "guard")
MOST_CLOSURES = 30


@dataclass(frozen=True)
class Edit:
    """One change to the posts. `kind`: add (a unit of `service` at lon, lat), move (`unit` there), drop (`unit`)."""

    kind: str
    unit: str = ""
    service: str = "police"
    lon: float = 0.0
    lat: float = 0.0


@dataclass(frozen=True)
class Closure:
    """Streets closed each day from hour `from_h` up to `until_h`: those of a name, those that an area touches (a ring
    of [lon, lat]), or those of a closure entered at the desk (`closure`, its id). Of the last, `edges` (directed) and
    `factor` (0: shut) are kept as they were when the comparison was asked for, and `label` names it."""

    street: str = ""
    ring: tuple[tuple[float, float], ...] = ()
    from_h: int = 0
    until_h: int = 24
    closure: str = ""
    label: str = ""
    edges: tuple[int, ...] = ()
    factor: float = 0.0


@dataclass(frozen=True)
class Scenario:
    """`plan`: id of the plan whose posts are taken, "" for today's. `police`, `guard`: how many units, None for as
    many as there are. `first`: guards take first response and hand over to the police. `move_up`: idle patrols close
    gaps."""

    plan: str = ""
    police: int | None = None
    guard: int | None = None
    edits: tuple[Edit, ...] = ()
    closures: tuple[Closure, ...] = ()
    dispatch: str = "nearest"
    move_up: bool = False
    first: bool = True


@dataclass(frozen=True)
class Question:
    """`calls`: forecast (drawn from it) or past (replayed); `start`: local, a whole hour, as ISO text;
    `on_scene_min`: minutes at the scene, None for as measured by type of call and shift."""

    title: str
    calls: str
    start: str
    hours: int
    replications: int
    seed: int
    on_scene_min: float | None
    a: Scenario
    b: Scenario


@dataclass(frozen=True)
class Lined:
    """A unit as a scenario begins with it. `how`: stands, moved or added; `home`: path of its control area."""

    id: str
    zh: str
    en: str
    service: str
    lon: float
    lat: float
    home: str
    fixed: bool
    turnout_s: float
    how: str = "stands"


def plain(question: Question) -> dict[str, Any]:
    return asdict(question)


def question(given: Mapping[str, Any]) -> Question:
    """The question of a stored row."""
    told = {f.name: given[f.name] for f in fields(Question) if f.name not in ("a", "b")}
    return Question(**told, a=_scenario(given["a"]), b=_scenario(given["b"]))


def _scenario(given: Mapping[str, Any]) -> Scenario:
    closures = (
        Closure(**{**c, "ring": tuple((x, y) for x, y in c["ring"]), "edges": tuple(c.get("edges", ()))})
        for c in given["closures"]
    )
    edits = (Edit(**e) for e in given["edits"])
    return Scenario(**{**given, "edits": tuple(edits), "closures": tuple(closures)})
