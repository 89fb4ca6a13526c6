"""Communities and villages with what was counted in them, from CSV, Excel or Parquet."""
from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy

from shouwang.desk.log.ids import new_id
from shouwang.desk.log.writing import Log
from shouwang.desk.places import facts as places
from shouwang.desk.places.importers import Checked, Importer, Source, plain
from shouwang.desk.workflow.zone import day_of
from shouwang.engine.errors import Faults
from shouwang.tables.places import Rows, read_rows

from .actions import COUNTS, MOST, CountGiven, count_fault
from .models import Count, Locality
from .terms import GRADES, KINDS, MANAGEMENT

SUFFIXES = (".csv", ".xlsx", ".parquet")
NEEDED = ("code", "day", "households", "source")
ABOUT = ("zh", "en", "kind", "area")  # needed for a code that is not known yet
AGAIN = "A row has the same code and day; remove one."


def check(source: Source) -> Checked:
    """Columns code, day (2026-11-01), households, source; management (none, partial, full) for communities; residents,
    groups, guards, contacts, officers, grade may be there. A new code needs zh, en, kind and area (a code or path) too.
    What stands for the same code and day is put in place of; what the file leaves out stays."""
    rows = read_rows(source.path)
    faults = Faults(keep=200)
    for column in NEEDED:
        if not rows.has(column):
            faults.add(f"{rows.file}, column {column}", "the column is missing", None, f"Give {', '.join(NEEDED)}.")
    if not faults and not len(rows):
        faults.add(rows.file, "there is no row", 0, "Give at least one.")
    faults.raise_if_any()
    known = {row.code: row for row in Locality.objects.all()}
    paths = _areas()
    found: dict[str, Locality] = {}
    counts: dict[tuple[str, date], Count] = {}
    for i in range(len(rows)):
        said = {column: plain(values[i]) for column, values in rows.columns.items()}
        before = len(faults)
        row = _locality(faults, rows, i, said, known.get(said["code"]), paths)
        given = _count(faults, rows, i, said, row.kind if row else "")
        if given and (said["code"], given.day) in counts:
            faults.add(rows.where(i, "code"), "the code is used twice for one day", said["code"], AGAIN)
        if row and given and len(faults) == before:
            row = found.setdefault(row.code, row)
            values = {name: getattr(given, name) for name in COUNTS}
            counts[row.code, given.day] = Count(locality=row, day=given.day, management=given.management,
                                                source=given.source.strip(), **values)
    faults.raise_if_any()
    told = {"localities": len(found), "new": sum(code not in known for code in found), "counts": len(counts)}
    return Checked(told, lambda log: _save(log, list(found.values()), list(counts.values())))


def _areas() -> dict[str, str]:
    """Paths by path, and by code where only one area has it."""
    rows = [a for kind in ("district", "control_area", "community") for a in places.areas(kind)]
    codes = [a.code for a in rows]
    return {a.area: a.area for a in rows} | {a.code: a.area for a in rows if codes.count(a.code) == 1}


def _locality(faults: Faults, rows: Rows, i: int, said: dict[str, str], old: Locality | None, paths: dict[str, str],
              ) -> Locality | None:
    """The locality of a row, as it will stand; None with a fault."""
    before = len(faults)
    if not 0 < len(said["code"]) <= 24:
        faults.add(rows.where(i, "code"), "this is no code", said["code"], "Give up to 24 characters.")
    if old is not None and old.closed_at:
        faults.add(rows.where(i, "code"), "it is no longer in use", said["code"], "Give a new code.")
    values = {name: said.get(name, "") or (getattr(old, name) if old else "") for name in ABOUT}
    for name in ("zh", "en"):
        if not 0 < len(values[name]) <= 80:
            faults.add(rows.where(i, name), "this is no name", values[name], "Give up to 80 characters.")
    if values["kind"] not in KINDS:
        remedy = f"Give one of {', '.join(KINDS)}."
        faults.add(rows.where(i, "kind"), "there is no such kind", values["kind"], remedy)
    if values["area"] not in paths:
        faults.add(rows.where(i, "area"), "there is no such area", values["area"], "Give the code or path of an area.")
    if len(faults) > before:
        return None
    values["area"] = paths[values["area"]]
    grade = said.get("grade", "") or (old.grade if old else "plain")
    if grade not in GRADES:
        faults.add(rows.where(i, "grade"), "there is no such class", grade, f"Give one of {', '.join(GRADES)}.")
        return None
    row = old or Locality(id=new_id(), code=said["code"], grade=grade)
    row.grade = grade
    for name, value in values.items():
        setattr(row, name, value)
    row.version += old is not None
    return row


def _count(faults: Faults, rows: Rows, i: int, said: dict[str, str], kind: str) -> CountGiven | None:
    before = len(faults)
    figures: dict[str, Any] = {}
    for name in COUNTS:
        text = said.get(name, "")
        if not text and name != "households":
            figures[name] = None
        elif text.isascii() and text.isdigit() and int(text) <= MOST[name]:
            figures[name] = int(text)
        else:
            remedy = f"Write a whole number from 0 to {MOST[name]}."
            faults.add(rows.where(i, name), "this is no number, or out of bounds", text, remedy)
    try:
        day = date.fromisoformat(said["day"])
    except ValueError:
        faults.add(rows.where(i, "day"), "this is no day", said["day"], "Write a day as 2026-11-01.")
        return None
    if len(faults) > before:
        return None
    given = CountGiven(day=day, source=said["source"], management=said.get("management", ""), **figures)
    fault = count_fault(kind, given, day_of(timezone.now()))
    if fault is None:
        return given
    remedies = {"day": "Give a day up to today.", "management": f"Give one of {', '.join(MANAGEMENT)}.",
                "source": "Say in up to 120 characters who counted."}
    faults.add(rows.where(i, fault[0]), "the value cannot be kept", said.get(fault[0], ""), remedies.get(fault[0], ""))
    return None


def _save(log: Log, rows: list[Locality], counts: list[Count]) -> None:
    Locality.objects.bulk_create(rows, update_conflicts=True, unique_fields=["code"],
                                 update_fields=["zh", "en", "kind", "area", "grade", "version"])
    ids = dict(Locality.objects.filter(code__in=[r.code for r in rows]).values_list("code", "id"))
    for count in counts:
        count.locality_id = ids[count.locality.code]
    Count.objects.bulk_create(counts, update_conflicts=True, unique_fields=["locality", "day"],
                              update_fields=["management", "source", *COUNTS])


IMPORTERS = (
    Importer("localities", 54, gettext_lazy("Communities and villages, counted"),
             gettext_lazy("CSV, Excel or Parquet with code, day, households, source; management for communities; "
                          "residents, groups, guards, contacts, officers may be there. A new code needs zh, en, kind "
                          "and area too."),
             SUFFIXES, check),
)
