"""Who stands where in a scenario: today's posts or a plan's, as edited, with as many units as asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Refused
from shouwang.desk.patrol import facts as patrol
from shouwang.desk.units import facts as units
from shouwang.engine.terms import FloatArray

from ..terms import SERVICES, Edit, Lined, Scenario

ADDED_TURNOUT_S = 30.0  # of a patrol car (data/domain/unit_kinds.csv)
Drives = Callable[[Sequence[Lined]], FloatArray]


def base(area: str, stands: Mapping[str, tuple[float, float]]) -> list[Lined]:
    """The units of a district: where `stands` puts them, else where the register does."""
    turnout_s = {str(u.id): u.turnout_s for u in units.units(areas=(area,))}
    return [
        Lined(
            u.id, u.zh, u.en, u.service, *stands.get(u.id, (u.lon, u.lat)), u.home, u.fixed, float(turnout_s[u.id])
        )
        for u in patrol.units_of(area)
    ]  # fmt: skip


def edited(
    lined: Sequence[Lined], edits: Sequence[Edit], side: str, home_of: Callable[[float, float], str]
) -> list[Lined]:
    """With the planner's changes made. Raises Refused at the field for a unit that is not there, or a place outside."""
    rows = {row.id: row for row in lined}
    for number, edit in enumerate(edits):
        where = f"{side}.edits.{number}"
        home = home_of(edit.lon, edit.lat) if edit.kind != "drop" else ""
        if edit.kind != "drop" and not home:
            raise Refused(_("That place lies outside the district."), field=where, code="outside")
        if edit.kind == "add":
            name = f"+{number + 1}"
            rows[name] = Lined(
                name, name, name, edit.service, edit.lon, edit.lat, home, False, ADDED_TURNOUT_S, "added"
            )  # fmt: skip
        elif edit.unit not in rows:
            raise Refused(_("This unit is not in the scenario."), field=where, code="unit")
        elif edit.kind == "drop":
            del rows[edit.unit]
        else:
            rows[edit.unit] = replace(rows[edit.unit], lon=edit.lon, lat=edit.lat, how="moved")
    return list(rows.values())


def counted(lined: Sequence[Lined], scenario: Scenario, weight: FloatArray, drives: Drives) -> list[Lined]:
    """With as many units of each service as asked for: too many, and those whose posts have the fewest calls nearest to
    them stay away; too few, and the busiest posts are doubled. `drives`: seconds from units to the places of calls."""
    rows = list(lined)
    for service, wanted in zip(SERVICES, (scenario.police, scenario.guard), strict=True):
        while wanted is not None and (mine := [row for row in rows if row.service == service]):
            if len(mine) == wanted:
                break
            share = _shares(mine, weight, drives(mine))
            if len(mine) > wanted:
                rows.remove(mine[int(np.argmin(share))])
            else:
                busiest, name = mine[int(np.argmax(share))], f"{service}+{len(mine) + 1}"
                rows.append(
                    replace(busiest, id=name, zh=f"{busiest.zh}+", en=f"{busiest.en}+", how="added", fixed=False)
                )
    return rows


def _shares(lined: Sequence[Lined], weight: FloatArray, drive_s: FloatArray) -> FloatArray:
    """Calls nearest to each unit; units at one place share them."""
    nearest = drive_s == drive_s.min(axis=0, initial=np.inf)
    return np.asarray((nearest / np.maximum(1, nearest.sum(axis=0))) @ weight, float)
