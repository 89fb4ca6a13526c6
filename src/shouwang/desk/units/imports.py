"""Units from CSV or Parquet."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.desk.log.writing import Log
from shouwang.desk.places import facts as places
from shouwang.desk.places.importers import Checked, Importer, Source, plain
from shouwang.engine.errors import Faults
from shouwang.tables.places import Rows, number, read_rows, unique_texts

from . import actions
from .models import Capability, Unit, UnitKind

COLUMNS = ("code", "zh", "en", "kind", "lon", "lat")
LIMITS = {"code": 16, "zh": 80, "en": 80}


def check(source: Source) -> Checked:
    """Columns code, zh, en, kind, lon, lat; capabilities (beside its kind's, split by ;) may be there. A
    unit whose code is known is changed, its state is not; units that the file leaves out stay."""
    rows = read_rows(source.path)
    faults = Faults(keep=200)
    missing = [c for c in COLUMNS if not rows.has(c)]
    for column in missing:
        faults.add(f"{rows.file}, column {column}", "the column is missing", None, f"Give {', '.join(COLUMNS)}.")
    if not missing and not len(rows):
        faults.add(rows.file, "there is no unit", 0, "Give at least one row.")
    faults.raise_if_any()
    unique_texts(faults, rows, "code")
    kinds, skills = UnitKind.objects.in_bulk(), set(Capability.objects.values_list("code", flat=True))
    units = [_unit(faults, rows, i, kinds, skills) for i in range(len(rows))]
    faults.raise_if_any()
    found = [u for u in units if u is not None]
    known = set(Unit.objects.values_list("code", flat=True))
    counts = {"units": len(found), "new": sum(u.code not in known for u in found)}
    outside = [u.code for u in found if not u.area]
    remarks = (_("Outside every area: %(codes)s") % {"codes": ", ".join(outside[:20])},) if outside else ()
    return Checked(counts, lambda log: _save(log, found), remarks)


def _unit(faults: Faults, rows: Rows, i: int, kinds: dict[str, UnitKind], skills: set[str]) -> Unit | None:
    before = len(faults)
    said = {c: plain(rows.columns[c][i]) for c in rows.columns}
    for column, most in LIMITS.items():
        if not 0 < len(said[column]) <= most and (column != "code" or said[column]):
            faults.add(
                rows.where(i, column), "the name is missing or too long", said[column], "Shorten it or fill it in."
            )
    if said["kind"] not in kinds:
        faults.add(
            rows.where(i, "kind"), "there is no such kind of unit", said["kind"], "Use a code of unit_kinds.csv."
        )
    own = [c.strip() for c in said.get("capabilities", "").split(";") if c.strip()]
    for capability in own:
        if capability not in skills:
            remedy = "Use codes of capabilities.csv, split by semicolons."
            faults.add(rows.where(i, "capabilities"), "there is no such capability", capability, remedy)
    lon, lat = number(faults, rows, "lon", i, -180, 180), number(faults, rows, "lat", i, -90, 90)
    if len(faults) > before:
        return None
    kind = kinds[said["kind"]]
    return Unit(
        code=said["code"],
        zh=said["zh"],
        en=said["en"],
        kind=kind,
        lon=lon,
        lat=lat,
        area=places.locate(lon, lat),
        capabilities=list(dict.fromkeys([*kind.capabilities, *own])),
        state_since=timezone.now(),
    )


def _save(log: Log, units: list[Unit]) -> None:
    top = places.district()
    for unit in units:
        unit.area = unit.area or (top.area if top else "")
        unit.state_since = log.now
    fields = ["zh", "en", "kind", "lon", "lat", "area", "capabilities"]
    Unit.objects.bulk_create(units, update_conflicts=True, unique_fields=["code"], update_fields=fields)
    stored: Any = Unit.objects.filter(code__in=[u.code for u in units]).values_list("id", flat=True)
    actions.show_all(log, stored)


IMPORTERS = (
    Importer(
        "units",
        40,
        gettext_lazy("Units"),
        gettext_lazy(
            "CSV or Parquet with code, zh, en, kind, lon, lat; capabilities, split by semicolons, may be there."
        ),
        (".csv", ".parquet"),
        check,
    ),
)
