"""The calls behind a figure, and the squares of the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, overload

import numpy as np

from shouwang.desk.calls.facts import STEPS
from shouwang.desk.log.actor import Actor
from shouwang.engine.disclose.suppress import SMALL

from . import asking, drawn, pages
from .advice import places
from .advice.chosen import Chosen
from .advice.record import CELL_M, Record
from .terms import Asked

PER_PAGE = 50


@dataclass(frozen=True)
class Call:
    """A call as the list shows it: when (local), where, of which kind and from whom it came. `id`: of a call of this
    desk; `response_s`: from the call to the first unit there."""

    at: datetime
    kind: str
    street: str
    area: str
    source: int
    level: int
    result: str
    found: bool
    drill: bool
    id: str
    response_s: float | None


class Calls(Sequence[Call]):
    """The chosen calls, newest first; each is put together when it is looked at."""

    def __init__(self, chosen: Chosen) -> None:
        self._chosen = chosen
        times = [part.time_s[at] for part, at in chosen.at]
        time = np.concatenate(times) if times else np.zeros(0, np.int64)
        self._order = np.argsort(-time, kind="stable")
        self._ends = np.cumsum([len(at) for _part, at in chosen.at])

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, wanted: int) -> Call: ...
    @overload
    def __getitem__(self, wanted: slice) -> list[Call]: ...
    def __getitem__(self, wanted: int | slice) -> Call | list[Call]:
        if isinstance(wanted, slice):
            return [self._one(int(n)) for n in self._order[wanted]]
        return self._one(int(self._order[wanted]))

    def _one(self, n: int) -> Call:
        number = int(np.searchsorted(self._ends, n, side="right"))
        part, at = self._chosen.at[number]
        i = int(at[n - (int(self._ends[number - 1]) if number else 0)])
        record = self._chosen.record
        response = part.steps[i, STEPS.index("response")] if part.steps.shape[1] else np.nan
        return Call(
            np.datetime64(int(part.time_s[i]), "s").astype(datetime), record.kinds.all[part.kind[i]],
            record.ground.streets[part.street[i]], record.ground.paths[part.area[i]], int(part.source[i]),
            int(part.severity[i]), record.results.all[part.result[i]], bool(part.found[i]), bool(part.drill[i]),
            str(part.id[i] or ""), None if np.isnan(response) else float(response),
        )  # fmt: skip


def said(call: Call, words: pages.Words) -> dict[str, Any]:
    """A call in the words of the page."""
    return {
        "call": call, "kind": words.kind(call.kind), "area": words.area(call.area),
        "response": pages.seconds(call.response_s), "result": words.result(call.result) if call.result else "",
    }  # fmt: skip


def squares(asked: Asked, who: Actor, known: Record) -> dict[str, Any]:
    """Squares with calls: centres, the colour of each (1–5) and where the upper steps begin. No number of a square is
    told: who may see the calls goes to those of a square by its `cell`. Steps lie above the small counts for everybody
    else."""
    told, records = places.squares(asking.chosen(asked, known)), asking.sees_records(who, asked)
    steps = told.steps if records else [s for s in told.steps if s > SMALL]
    lon, lat = known.ground.grid.centres(told.cells)
    return {
        "cell_m": CELL_M, "steps": steps, "lon": np.round(lon, 6).tolist(), "lat": np.round(lat, 6).tolist(),
        "q": [drawn.step_of(n, steps) for n in told.calls.tolist()],
        **({"cell": told.cells.tolist()} if records else {}),
    }  # fmt: skip
