"""Past calls from CSV or Parquet, to forecast from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import shapely
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.desk.log.writing import Log
from shouwang.desk.places import facts as places
from shouwang.desk.places.importers import Checked, Importer, Source
from shouwang.engine.errors import BadInput, Fault
from shouwang.tables.history import read_calls

from . import actions

OPTIONS = {
    "name": gettext_lazy("Name"),
    "source": gettext_lazy("Source"),
    "licence": gettext_lazy("Licence"),
    "exclude": gettext_lazy("Kinds that patrols find by themselves, split by commas"),
}


def check(source: Source) -> Checked:
    """Columns time (local), lon, lat, category; id and source may be there. Kinds named in `exclude` feed
    no forecast."""
    table = read_calls(source.path)
    if not len(table):
        raise BadInput([Fault(source.name, "the file holds no calls", 0, "Give at least one row.")])
    top = places.district()
    if top is None:
        raise BadInput([Fault(source.name, "there is no district yet", None, "Import areas first.")])
    kinds = set(pc.unique(table["category"]).to_pylist())
    excluded = [k.strip() for k in source.options.get("exclude", "").split(",") if k.strip()]
    for kind in excluded:
        if kind not in kinds:
            raise BadInput([Fault("exclude", "the file has no such kind", kind, f"Use {', '.join(sorted(kinds))}.")])
    district = shapely.geometry.shape(top.geometry)
    shapely.prepare(district)
    outside = int((~shapely.intersects_xy(district, table["lon"].to_numpy(), table["lat"].to_numpy())).sum())
    found_by_patrols = int(np.isin(table["source"].to_numpy(zero_copy_only=False).astype(str), "patrol").sum())
    remarks = []
    if outside:
        remarks.append(_("%(n)s calls lie outside the district") % {"n": outside})
    if found_by_patrols:
        remarks.append(_("%(n)s calls were found by patrols: they feed no forecast") % {"n": found_by_patrols})
    return Checked({"calls": len(table), "kinds": len(kinds)}, lambda log: _save(log, source, excluded), tuple(remarks))


def _save(log: Log, source: Source, excluded: list[str]) -> None:
    top = places.district()
    assert top is not None  # checked above
    actions.add_history(
        actor=source.actor,
        now=log.now,
        path=Path(source.path),
        name=(source.options.get("name") or source.name)[:120],
        area=top.area,
        source=source.options.get("source", "")[:300],
        licence=source.options.get("licence", "")[:120],
        excluded=tuple(excluded),
    )


IMPORTERS = (
    Importer(
        "calls",
        30,
        gettext_lazy("Past calls"),
        gettext_lazy(
            "CSV or Parquet with time (local), lon, lat, category; id and source (resident, alarm, patrol) may "
            "be there."
        ),
        (".csv", ".parquet"),
        check,
        OPTIONS,
    ),
)
