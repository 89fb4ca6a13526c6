"""Taking files in: checked whole, then written whole, or not at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.names import home
from shouwang.desk.log.writing import writing
from shouwang.engine.errors import BadInput, Fault
from shouwang.engine.geo.drives import Learned

from . import facts
from .importers import Source, importer
from .models import LearnedPace

MAY = "config.edit"


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
) -> Report:
    """Takes a file in, all rows or none. With `dry_run` it is only checked. Faults come back in the report.

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
                    payload={"import": kind, **checked.counts},
                )
    except BadInput as error:
        # Where the file lies on this machine is nobody's business.
        faults = tuple(replace(f, where=f.where.replace(str(path), source.name)) for f in error.faults)
        told = tuple(sorted(faults, key=_as_in_the_file))
        return Report(kind, source.name, dry_run, faults=told, more_faults=error.more)
    return Report(kind, source.name, dry_run, not dry_run, checked.counts, checked.remarks)


def _as_in_the_file(fault: Fault) -> list[int]:
    """By row, or by feature; within one, as it was looked at."""
    return [int(figure) for figure in re.findall(r"\d+", fault.where.rpartition("row ")[2].rpartition("feature ")[2])]


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
