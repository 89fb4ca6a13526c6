"""The shift-scheduling instances of Curtois and Qu (2014): read them, write a solution."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from shouwang.engine.errors import BadInput, Fault
from shouwang.engine.roster.terms import OFF, Bar, Duty, Need, Person, Problem
from shouwang.engine.terms import IntArray

_MONDAY = date(2024, 1, 1)
_SECTIONS = ("SECTION_HORIZON", "SECTION_SHIFTS", "SECTION_STAFF", "SECTION_COVER")


def read_nrp(path: Path | str) -> Problem:
    """The problem of one text file. Its shifts have no times of day: succession is given. Raises `BadInput`."""
    path = Path(path)
    parts = _sections(path)
    what, remedy = "this is not an instance of Curtois and Qu", "Give a file with all sections, as published."
    missing = [name for name in _SECTIONS if not parts.get(name)]
    if missing:
        raise BadInput([Fault(str(path), what, ", ".join(missing), remedy)])
    row: list[str] = []
    try:
        days = int(parts["SECTION_HORIZON"][0][0])
        shifts = parts["SECTION_SHIFTS"]
        number = {one[0]: k for k, one in enumerate(shifts)}
        staff = {one[0]: p for p, one in enumerate(parts["SECTION_STAFF"])}
        clash = np.zeros((len(shifts), len(shifts)), bool)
        for row in shifts:
            clash[number[row[0]], [number[name] for name in row[2].split("|") if name]] = True
        people = []
        for row in parts["SECTION_STAFF"]:
            each = dict(one.split("=") for one in row[1].split("|"))
            most, least, most_row, least_row, least_off, weekends = map(int, row[2:8])
            most_each = tuple(int(each.get(name, days)) for name in number)
            people.append(Person(row[0], most_each, least, most, least_row, most_row, least_off, weekends))
        cost, constant = np.zeros((len(people), days, len(shifts)), np.int64), 0
        barred = np.zeros(cost.shape, bool)
        for row in parts.get("SECTION_DAYS_OFF", []):
            barred[staff[row[0]], [int(day) for day in row[1:] if day]] = True
        for p, person in enumerate(people):
            barred[p, :, [most == 0 for most in person.most_each]] = True
        for row in parts.get("SECTION_SHIFT_ON_REQUESTS", []):
            cost[staff[row[0]], int(row[1]), number[row[2]]] -= int(row[3])
            constant += int(row[3])
        for row in parts.get("SECTION_SHIFT_OFF_REQUESTS", []):
            cost[staff[row[0]], int(row[1]), number[row[2]]] += int(row[3])
        everybody = tuple(range(len(people)))
        needs = []
        for row in parts["SECTION_COVER"]:
            day, least, under, over = int(row[0]), int(row[2]), int(row[3]), int(row[4])
            needs.append(Need(day, (number[row[1]],), everybody, least, under, over, row[1]))
    except (KeyError, IndexError, ValueError) as error:
        raise BadInput([Fault(str(path), what, ",".join(row) or str(error), remedy)]) from error
    duties = tuple(Duty(one[0], 0, int(one[1])) for one in shifts)
    return Problem(_MONDAY, days, duties, tuple(people), tuple(needs), clash, cost, constant, (Bar("off", barred),))


def write_nrp(path: Path | str, problem: Problem, roster: IntArray) -> None:
    """One line per person in the file's order, shift names separated by tabs, empty when off."""
    lines = ["\t".join("" if k == OFF else problem.duties[k].name for k in row) for row in roster]
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _sections(path: Path) -> dict[str, list[list[str]]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput([Fault(str(path), "the file cannot be read", str(error), "Check its name.")]) from error
    found: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    for line in map(str.strip, text.splitlines()):
        if line.startswith("SECTION_"):
            rows = found.setdefault(line, [])
        elif line and not line.startswith("#"):
            rows.append([part.strip() for part in line.split(",")])
    return found
