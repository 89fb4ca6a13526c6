"""Taking files in: checked whole, then written whole, or not at all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import shapely
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.names import home
from shouwang.desk.log.writing import already_written, writing
from shouwang.engine.errors import BadInput, Fault
from shouwang.engine.geo.drives import Learned

from . import facts
from .covering import mended
from .importers import Source, importer
from .models import Area, LearnedPace

MAY, MAY_MEND = "config.edit", "patrol.plan"


@dataclass(frozen=True)
class Report:
    """What came of it. With faults nothing was written; `done` says whether the rows stand now."""

    kind: str
    file: str
    dry_run: bool
    done: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    more_faults: int = 0

    def plain(self) -> dict[str, Any]:
        """For JSON. A fault's value may be anything a file holds: it is told as text."""
        out = asdict(self)
        out["faults"] = [{**asdict(f), "value": None if f.value is None else str(f.value)[:200]} for f in self.faults]
        return out


def import_file(
    *,
    actor: Actor,
    now: datetime,
    kind: str,
    path: Path,
    name: str = "",
    dry_run: bool = False,
    options: Mapping[str, str] | None = None,
    id: UUID | None = None,
    asked_by: str = "",
) -> Report:
    """Takes a file in, all rows or none. With `dry_run` it is only checked. Faults come back in the report.
    `asked_by`: whose order the worker carries out.

    Raises Missing for an unknown kind, Denied without the kind's permission over the district.
    """
    found = importer(kind)
    if found is None:
        raise Missing(_("There is no such kind of import."), field="kind", code="kind")
    top = facts.district()
    area = top.area if top else ""
    actor.require(found.may, area)
    source = Source(path, name or path.name, actor, options or {})
    try:
        checked = found.check(source)
        if not dry_run:
            with writing(actor=actor, now=now) as log:
                checked.save(log)
                log.append(
                    "import.done",
                    subject=("import", id or new_id()),
                    area=area,
                    may=found.may,
                    payload={"import": kind, "sha256": sha256_of(path), **checked.counts}
                    | ({"by": asked_by} if asked_by else {}),
                )
    except BadInput as error:
        # Where the file lies on this machine is nobody's business.
        faults = tuple(replace(f, where=f.where.replace(str(path), source.name)) for f in error.faults)
        told = tuple(sorted(faults, key=_as_in_the_file))
        return Report(kind, source.name, dry_run, faults=told, more_faults=error.more)
    return Report(kind, source.name, dry_run, not dry_run, checked.counts, checked.remarks)


def sha256_of(path: Path) -> str:
    """By which the file that was taken in is known again. Its name may be somebody's, and does not go into the log. A
    folder, as a network of streets is one, is known by its files in the order of their names."""
    digest = hashlib.sha256()
    for one in sorted(path.iterdir()) if path.is_dir() else [path]:
        with one.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _as_in_the_file(fault: Fault) -> list[int]:
    """By row, or by feature; within one, as it was looked at."""
    return [int(figure) for figure in re.findall(r"\d+", fault.where.rpartition("row ")[2].rpartition("feature ")[2])]


def mend_cells(*, actor: Actor, now: datetime, flaws: Sequence[str], key: UUID | None = None) -> int:
    """Mends faults of the grid as proposed: `flaws` are their ids as they were looked at. All of them or none; Conflict
    when one is no longer there. Matters stay in the cell that they were reported in. Returns how many cells changed."""
    top = facts.district()
    if top is None:
        raise Missing(_("There is no district yet."), code="area")
    actor.require(MAY_MEND, top.area)
    with writing(actor=actor, now=now) as log:
        if already_written(key):
            return 0
        rows = {a.path: a for a in Area.objects.select_for_update().filter(kind="cell")}
        known = {f.id: f for f in facts.covering() if f.kind != "gap" or f.to}
        if not flaws or any(id not in known for id in flaws):
            raise Conflict(_("The grid was changed meanwhile. Look again."), code="version")
        chosen = [known[id] for id in flaws]
        changed = mended({p: shapely.geometry.shape(rows[p].geometry) for p in rows}, chosen)
        lost = [path for path, shape in changed.items() if shape.is_empty]
        if lost:
            raise Refused(_("Cell %(cell)s would have no ground left. Import the grid anew.") % {"cell": lost[0]},
                          code="empty")
        for path, shape in changed.items():
            point = shapely.point_on_surface(shape)
            row = rows[path]
            row.geometry, row.lon, row.lat = shapely.geometry.mapping(shape), round(point.x, 7), round(point.y, 7)
        Area.objects.bulk_update([rows[p] for p in changed], ["geometry", "lon", "lat"])
        log.append("areas.mended", subject=("areas", top.area), area=top.area, may=MAY_MEND, id=key,
                   payload={"count": len(chosen), "cells": len(changed)})
    return len(changed)


def keep_pace(*, actor: Actor, now: datetime, found: Learned) -> LearnedPace:
    """Keeps factors of streets learned from drives, in place of those before. The event says what they rest on."""
    with writing(actor=actor, now=now) as log:
        LearnedPace.objects.all().delete()
        row = LearnedPace.objects.create(
            at=now, kinds=list(found.pace.kind), factors=found.pace.factor.round(4).tolist(), km=found.km,
            drives=found.drives, held=found.held, own_error=found.own_error if found.held else None,
            error=found.error if found.held else None,
        )  # fmt: skip
        log.append("pace.learned", subject=("pace", row.pk), area=home(), may=MAY,
                   payload={"km": round(found.km, 1), "drives": found.drives})
    return row
