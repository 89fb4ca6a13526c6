"""Sites and hazards from CSV or Parquet."""
from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy

from shouwang.desk.log.writing import Log
from shouwang.desk.places import facts as places
from shouwang.desk.places.importers import Checked, Importer, Source, plain
from shouwang.desk.workflow.zone import day_of
from shouwang.engine.errors import Faults
from shouwang.tables.places import Rows, read_rows

from .actions import until_fault
from .models import Hazard, Site
from .terms import OWNERS, RADIUS_M, hazard_kinds, site_kinds

OBLIGED = {"yes": True, "no": False, "": None}
SUFFIXES = (".csv", ".parquet")


def check_sites(source: Source) -> Checked:
    """Columns code, name, kind, lon, lat; obliged (yes, no) may be there. A site whose code is known is changed; those
    that the file leaves out stay. Key-holders are entered one by one."""
    rows, faults = _read(source, ("code", "name", "kind", "lon", "lat"))
    known = {s.code: s for s in Site.objects.all()}
    seen: dict[str, int] = {}
    sites: list[Site] = []
    for i in range(len(rows)):
        said, before = _said(rows, i), len(faults)
        if not 0 < len(said["code"]) <= 24:
            faults.add(rows.where(i, "code"), "this is no code", said["code"], "Give up to 24 characters.")
        elif said["code"] in seen:
            remedy = f"Row {rows.first_row + seen[said['code']]} has it already; remove one."
            faults.add(rows.where(i, "code"), "the code is used twice", said["code"], remedy)
        elif said["code"] in known and known[said["code"]].closed_at:
            faults.add(rows.where(i, "code"), "this site is closed", said["code"], "Give the site a new code.")
        seen.setdefault(said["code"], i)
        if not 0 < len(said["name"]) <= 80:
            faults.add(rows.where(i, "name"), "this is no name", said["name"], "Give up to 80 characters.")
        if said["kind"] not in site_kinds():
            remedy = "Give a code of site_kinds.csv."
            faults.add(rows.where(i, "kind"), "there is no such kind of site", said["kind"], remedy)
        if said.get("obliged", "") not in OBLIGED:
            remedy = "Write yes or no, or leave it empty."
            faults.add(rows.where(i, "obliged"), "this is neither yes nor no", said["obliged"], remedy)
        point = _point(faults, rows, i, said)
        if len(faults) == before and point:
            obliged = OBLIGED[said.get("obliged", "")]
            if obliged is None:
                obliged = site_kinds()[said["kind"]].obliged
            version = known[said["code"]].version + 1 if said["code"] in known else 1
            sites.append(Site(code=said["code"], name=said["name"], kind=said["kind"], lon=point[0], lat=point[1],
                              area=point[2], obliged=obliged, version=version))
    faults.raise_if_any()
    counts = {"sites": len(sites), "new": sum(s.code not in known for s in sites)}
    return Checked(counts, lambda log: _save_sites(log, sites))


def _save_sites(log: Log, sites: list[Site]) -> None:
    Site.objects.bulk_create(sites, update_conflicts=True, unique_fields=["code"],
                             update_fields=["name", "kind", "lon", "lat", "area", "obliged", "version"])


def check_hazards(source: Source) -> Checked:
    """Columns kind, owner, until (2027-03-31) and site or landmark (its code) or lon and lat; radius_m may be there.
    What stands already, the same kind at the same place, gets the file's radius, office and last day."""
    rows, faults = _read(source, ("kind", "owner", "until"))
    day = day_of(timezone.now())
    sites = {s.code: s for s in Site.objects.filter(closed_at=None)}
    landmarks = {m.code: m for m in places.landmarks()}
    hazards: list[Hazard] = []
    for i in range(len(rows)):
        said, before = _said(rows, i), len(faults)
        site, mark = sites.get(said.get("site", "")), landmarks.get(said.get("landmark", ""))
        if said["kind"] not in hazard_kinds():
            faults.add(rows.where(i, "kind"), "there is no such hazard", said["kind"], "Give a code of hazards.csv.")
        if said["owner"] not in OWNERS:
            remedy = f"Give one of {', '.join(OWNERS)}."
            faults.add(rows.where(i, "owner"), "there is no such office", said["owner"], remedy)
        until = _day(said["until"])
        if until is None or until_fault(until, day):
            what = "the day has passed, or lies more than 12 months ahead" if until else "this is no day"
            faults.add(rows.where(i, "until"), what, said["until"], "Write a day within 12 months, as 2027-03-31.")
        radius = _whole(said.get("radius_m", "") or "50")
        if radius is None or not RADIUS_M[0] <= radius <= RADIUS_M[1]:
            remedy = f"Give metres from {RADIUS_M[0]} to {RADIUS_M[1]}."
            faults.add(rows.where(i, "radius_m"), "this is no radius", said["radius_m"], remedy)
        if said.get("site") and site is None:
            faults.add(rows.where(i, "site"), "there is no such site", said["site"], "Give the code of a site in use.")
        if said.get("landmark") and mark is None:
            remedy = "Give the code of a landmark in use."
            faults.add(rows.where(i, "landmark"), "there is no such landmark", said["landmark"], remedy)
        at = site or mark
        point = (at.lon, at.lat, at.area) if at else _point(faults, rows, i, said)
        if len(faults) == before and point and until and radius:
            hazards.append(Hazard(site=site, kind=said["kind"], owner=said["owner"], until=until, radius_m=radius,
                                  lon=point[0], lat=point[1], area=point[2]))
    faults.raise_if_any()
    known = {_place(h) for h in Hazard.objects.all()}
    counts = {"hazards": len(hazards), "new": len({_place(h) for h in hazards} - known)}
    return Checked(counts, lambda log: _save_hazards(log, hazards))


def _save_hazards(log: Log, hazards: list[Hazard]) -> None:
    known = {_place(h): h for h in Hazard.objects.all()}
    fresh: dict[Any, Hazard] = {}
    for given in hazards:
        row = known.get(_place(given)) or fresh.setdefault(_place(given), given)
        row.radius_m, row.owner, row.until = given.radius_m, given.owner, given.until
        row.added_at = log.now
    changed = [known[_place(h)] for h in hazards if _place(h) in known]
    for row in changed:
        row.version += 1
    Hazard.objects.bulk_update(changed, ["radius_m", "owner", "until", "added_at", "version"])
    Hazard.objects.bulk_create(fresh.values())


def _place(h: Hazard) -> tuple[Any, ...]:
    return h.site_id, h.kind, round(h.lon, 5), round(h.lat, 5)


def _read(source: Source, needed: tuple[str, ...]) -> tuple[Rows, Faults]:
    rows = read_rows(source.path)
    faults = Faults(keep=200)
    for column in needed:
        if not rows.has(column):
            faults.add(f"{rows.file}, column {column}", "the column is missing", None, f"Give {', '.join(needed)}.")
    if not faults and not len(rows):
        faults.add(rows.file, "there is no row", 0, "Give at least one.")
    faults.raise_if_any()
    return rows, faults


def _said(rows: Rows, i: int) -> dict[str, str]:
    return {column: plain(values[i]) for column, values in rows.columns.items()}


def _point(faults: Faults, rows: Rows, i: int, said: dict[str, str]) -> tuple[float, float, str] | None:
    """Longitude, latitude and area; a fault where there is none."""
    try:
        lon, lat = float(said.get("lon", "")), float(said.get("lat", ""))
    except ValueError:
        column = "lon" if not _number(said.get("lon", "")) else "lat"
        faults.add(rows.where(i, column), "this is no number", said.get(column), "Give degrees (WGS 84).")
        return None
    area = places.locate(lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else ""
    if not area:
        remedy = "Give a point inside the district, in degrees (WGS 84)."
        faults.add(rows.where(i, "lon"), "this point lies outside the district", f"{lon}, {lat}", remedy)
        return None
    return lon, lat, area


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _whole(text: str) -> int | None:
    try:
        return int(float(text)) if float(text).is_integer() else None
    except (ValueError, OverflowError):
        return None


def _day(text: str) -> date | None:
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None


IMPORTERS = (
    Importer("sites", 50, gettext_lazy("Sites"),
             gettext_lazy("CSV or Parquet with code, name, kind, lon, lat; obliged (yes, no) may be there."),
             SUFFIXES, check_sites),
    Importer("hazards", 52, gettext_lazy("Premise hazards"),
             gettext_lazy("CSV or Parquet with kind, owner, until and site, landmark (codes) or lon and lat; "
                          "radius_m may be there."),
             SUFFIXES, check_hazards),
)
