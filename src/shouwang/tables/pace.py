"""How slow streets are by class and hour of the week: a small CSV.

Columns class ("*" for all others), days (1 is Monday: "1-5", "6-7", "3"), and h00 … h23, factors on free times. Lines
that start with # are remarks.
"""

from __future__ import annotations

import csv
import re
from contextlib import suppress
from pathlib import Path

import numpy as np

from shouwang.engine.errors import BadInput, Fault, Faults
from shouwang.engine.geo.pace import HOURS, Pace

EXAMPLE = Path(__file__).parents[1] / "data" / "pace" / "example.csv"
"""Example values, not measured anywhere."""
_COLUMNS = ("class", "days", *(f"h{hour:02}" for hour in range(24)))


def read_pace(path: Path | str = EXAMPLE) -> Pace:
    """Read factors. Raises `BadInput` with every fault: file, row, column, value, remedy."""
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            lines = [(i, line) for i, line in enumerate(csv.reader(handle), 1) if line and not line[0].startswith("#")]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput([Fault(str(path), "the file cannot be read", None, "Give CSV in UTF-8.")]) from error
    if not lines or tuple(cell.strip() for cell in lines[0][1]) != _COLUMNS:
        remedy = f"Write {', '.join(_COLUMNS[:3])} … {_COLUMNS[-1]}."
        raise BadInput([Fault(path.name, "the columns are not those of a table of factors", None, remedy)])
    faults, factor = Faults(keep=50), dict[str, np.ndarray]()
    for number, line in lines[1:]:
        _take(faults, f"{path.name}, row {number}", [cell.strip() for cell in line], factor)
    for kind, values in factor.items():
        for day in np.flatnonzero(np.isnan(values.reshape(7, 24)).any(axis=1)):
            faults.add(f"{path.name}, class {kind}", "a day of the week has no row", int(day) + 1, "Add it.")
    faults.raise_if_any()
    return Pace(tuple(factor), np.array(list(factor.values()), float).reshape(-1, HOURS))


def _take(faults: Faults, where: str, line: list[str], factor: dict[str, np.ndarray]) -> None:
    if len(line) != len(_COLUMNS):
        faults.add(where, "the row has another number of columns than the heading", len(line), f"Give {len(_COLUMNS)}.")
        return
    kind, days, *cells = line
    match = re.fullmatch(r"([1-7])(?:-([1-7]))?", days)
    if not match:
        faults.add(f"{where}, column days", "these are no days", days, "Write 1 (Monday) to 7, or from-to: 1-5.")
    hours = np.full(24, np.nan)
    for hour, cell in enumerate(cells):
        with suppress(ValueError):
            hours[hour] = float(cell)
        if not 0 < hours[hour] < np.inf:
            faults.add(f"{where}, column h{hour:02}", "a factor is a finite number above 0", cell, "Correct it.")
            hours[hour] = 1.0
    if match:
        of_kind = factor.setdefault(kind, np.full(HOURS, np.nan)).reshape(7, 24)
        of_kind[int(match[1]) - 1 : int(match[2] or match[1])] = hours
