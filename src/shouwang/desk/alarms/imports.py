"""Vehicle terminals from CSV or Parquet."""
from __future__ import annotations

from django.utils.translation import gettext_lazy

from shouwang.desk.log.writing import Log
from shouwang.desk.places.importers import Checked, Importer, Source, plain
from shouwang.desk.units.models import Unit
from shouwang.engine.errors import Faults
from shouwang.tables.places import Rows, read_rows

from .forms import NUMBER
from .models import DUTY, ROLES, VEHICLES, Terminal

COLUMNS = ("number", "role")
DEVICE_MAX = 30


def check(source: Source) -> Checked:
    """Columns number and role (duty, third_party); unit (its short name) for duty, vehicle for a third party's; device
    may be there. A terminal whose number is known is changed; those that the file leaves out stay."""
    rows = read_rows(source.path)
    faults = Faults(keep=200)
    missing = [c for c in COLUMNS if not rows.has(c)]
    for column in missing:
        faults.add(f"{rows.file}, column {column}", "the column is missing", None, f"Give {', '.join(COLUMNS)}.")
    if not missing and not len(rows):
        faults.add(rows.file, "there is no terminal", 0, "Give at least one row.")
    faults.raise_if_any()
    units = {u.code: u for u in Unit.objects.filter(active=True)}
    seen: dict[str, int] = {}
    found = [_terminal(faults, rows, i, units, seen) for i in range(len(rows))]
    faults.raise_if_any()
    terminals = [t for t in found if t is not None]
    known = set(Terminal.objects.values_list("number", flat=True))
    counts = {"terminals": len(terminals), "new": sum(t.number not in known for t in terminals)}
    return Checked(counts, lambda log: _save(log, terminals))


def _terminal(faults: Faults, rows: Rows, i: int, units: dict[str, Unit], seen: dict[str, int]) -> Terminal | None:
    before = len(faults)
    said = {c: plain(rows.columns[c][i]) for c in rows.columns}
    number, role, code = said["number"].lstrip("0"), said["role"], said.get("unit", "")
    vehicle, device = said.get("vehicle", ""), said.get("device", "")
    if not NUMBER.fullmatch(number):
        faults.add(rows.where(i, "number"), "this is no number of a terminal", said["number"], "Give 4 to 20 digits.")
    elif number in seen:
        remedy = f"Row {rows.first_row + seen[number]} has it already; remove one."
        faults.add(rows.where(i, "number"), "the number is used twice", said["number"], remedy)
    seen.setdefault(number, i)
    if role not in ROLES:
        faults.add(rows.where(i, "role"), "there is no such role", role, f"Write {' or '.join(ROLES)}.")
    elif role == DUTY and code not in units:
        faults.add(rows.where(i, "unit"), "there is no such unit in use", code, "Give a unit's short name.")
    elif role != DUTY and vehicle not in VEHICLES:
        remedy = f"Write {', '.join(VEHICLES)}."
        faults.add(rows.where(i, "vehicle"), "there is no such kind of vehicle", vehicle, remedy)
    if len(device) > DEVICE_MAX:
        faults.add(rows.where(i, "device"), "the mark is too long", device, f"Give at most {DEVICE_MAX} characters.")
    if len(faults) > before:
        return None
    duty = role == DUTY
    return Terminal(number=number, role=role, unit=units[code] if duty else None, vehicle="" if duty else vehicle,
                    device=device)


def _save(log: Log, terminals: list[Terminal]) -> None:
    Terminal.objects.bulk_create(terminals, update_conflicts=True, unique_fields=["number"],
                                 update_fields=["role", "unit", "vehicle", "device", "active"])


IMPORTERS = (
    Importer(
        "terminals",
        42,
        gettext_lazy("Vehicle terminals"),
        gettext_lazy("CSV or Parquet with number, role (duty, third_party), unit or vehicle; device may be there."),
        (".csv", ".parquet"),
        check,
    ),
)
