"""Areas from GeoJSON and streets from OpenStreetMap or Parquet, checked whole before anything is written."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.desk.log.writing import Log
from shouwang.engine.errors import BadInput, Fault, Faults
from shouwang.engine.geo.distance import Plane
from shouwang.engine.geo.streets import Streets
from shouwang.tables.osm import read_osm
from shouwang.tables.streets import read_streets, write_streets

from . import facts, streets
from .covering import Flaw, flaws, mended
from .cutting import cut
from .importers import Checked, Importer, Source, plain
from .models import Area

RANK = {"district": 0, "control_area": 1, "community": 2, "cell": 3, "beat": 2}
HOLDERS = {kind: {k for k in RANK if RANK[k] < rank and k != "beat"} for kind, rank in RANK.items()}
CODE = re.compile(r"[A-Za-z0-9_-]{1,20}")
OUTSIDE_SHARE, OVERLAP_SHARE = 0.01, 0.01  # more of an area outside its parent, or on its neighbour, is a fault
CELL_M = 500.0
MOST_TOLD = 50
YES = ("yes", "y", "1", "是")
CHANGE = "Change it in the file and check again."


@dataclass
class Row:
    """One feature: where it stands in the file, its path, names and polygon."""

    where: str
    path: str
    parent: str
    kind: str
    zh: str
    en: str
    setting: str
    shape: Any

    def as_area(self, example: bool = False) -> Area:
        point = shapely.point_on_surface(self.shape)
        code = self.path.rstrip("/").rsplit("/", 1)[-1]
        return Area(
            path=self.path,
            parent=self.parent,
            code=code,
            kind=self.kind,
            zh=self.zh,
            en=self.en,
            setting=self.setting,
            geometry=shapely.geometry.mapping(self.shape),
            lon=round(point.x, 7),
            lat=round(point.y, 7),
            example=example,
        )


def check_areas(source: Source) -> Checked:
    """A FeatureCollection of polygons with the properties code, kind, zh, en, parent (path of the area
    above, such as "d/3/") and setting. Communities without cells of their own in the file are cut into
    squares of 500 m."""
    faults = Faults(keep=200)
    rows = _rows(faults, source)
    known = {a.path: a for a in Area.objects.all()}
    _nest(faults, rows, known)
    faults.raise_if_any()
    told = _mend(rows, known, really=source.options.get("mend", "").strip().lower() in YES)
    remarks = told + _lie(faults, rows, known)
    faults.raise_if_any()
    cells = _cells(rows)
    counts = {k: sum(r.kind == k for r in [*rows, *cells]) for k in Area.KINDS}
    return Checked(
        {k: n for k, n in counts.items() if n}, lambda log: _save_areas(log, [*rows, *cells]), tuple(remarks)
    )


def _rows(faults: Faults, source: Source) -> list[Row]:
    try:
        features = json.loads(source.path.read_text(encoding="utf-8-sig"))["features"]
        if not isinstance(features, list):
            raise TypeError
    except (OSError, ValueError, KeyError, TypeError):
        raise BadInput([Fault(source.name, "this is not a GeoJSON FeatureCollection", None, CHANGE)]) from None
    if not features:
        faults.add(source.name, "the file holds no area", 0, CHANGE)
    rows = [_row(faults, f"{source.name}, feature {n}", feature) for n, feature in enumerate(features, 1)]
    return [row for row in rows if row is not None]


def _row(faults: Faults, where: str, feature: Any) -> Row | None:
    before = len(faults)
    said = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(said, dict):
        faults.add(where, "the feature has no properties", None, CHANGE)
        return None
    code, kind, parent = (plain(said.get(k)) for k in ("code", "kind", "parent"))
    zh, en = plain(said.get("zh")), plain(said.get("en"))
    setting = plain(said.get("setting")) or "town"
    if not CODE.fullmatch(code):
        faults.add(f"{where}, property code", "a code is 1 to 20 letters, digits, - or _", code, CHANGE)
    if kind not in RANK:
        faults.add(f"{where}, property kind", "there is no such kind of area", kind, f"Use {', '.join(RANK)}.")
    for name, text in (("zh", zh), ("en", en)):
        if not text or len(text) > 80:
            faults.add(f"{where}, property {name}", "a name has 1 to 80 characters", text, CHANGE)
    if setting not in ("town", "outskirts", "country"):
        faults.add(f"{where}, property setting", "unknown setting", setting, "Use town, outskirts or country.")
    if parent and not parent.endswith("/"):
        parent += "/"
    shape = _shape(faults, where, feature.get("geometry"))
    return Row(where, f"{parent}{code}/", parent, kind, zh, en, setting, shape) if len(faults) == before else None


def _shape(faults: Faults, where: str, geometry: Any) -> Any:
    try:
        shape = shapely.geometry.shape(geometry)
        coordinates = shapely.get_coordinates(shape)
    except Exception:  # shapely raises whatever the geometry's maker did wrong
        faults.add(f"{where}, geometry", "the geometry cannot be read", None, CHANGE)
        return None
    if shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
        faults.add(f"{where}, geometry", "an area is a Polygon or MultiPolygon", shape.geom_type, CHANGE)
    elif not (np.isfinite(coordinates).all() and (np.abs(coordinates) <= (180, 90)).all()):
        faults.add(f"{where}, geometry", "coordinates have to be degrees (WGS 84)", None, "Convert them to EPSG:4326.")
    elif not shape.is_valid:
        faults.add(
            f"{where}, geometry",
            "the polygon crosses or touches itself",
            shapely.is_valid_reason(shape),
            "Repair the polygon.",
        )
    return shape


def _nest(faults: Faults, rows: list[Row], known: Mapping[str, Area]) -> None:
    """Every path once, and every area under one of a higher kind, in the file or in the centre."""
    kinds = {path: area.kind for path, area in known.items()} | {row.path: row.kind for row in rows}
    seen: dict[str, str] = {}
    for row in rows:
        if row.path in seen:
            faults.add(f"{row.where}, property code", "the code is used twice under this area", row.path, CHANGE)
        seen[row.path] = row.where
        if row.path in known and known[row.path].kind != row.kind and "beat" in (known[row.path].kind, row.kind):
            what = "an area of another kind has this path"
            faults.add(f"{row.where}, property code", what, row.path, "Give it another code.")
        above = kinds.get(row.parent)
        if row.kind == "district":
            if row.parent:
                faults.add(
                    f"{row.where}, property parent", "a district lies in no other area", row.parent, "Leave it empty."
                )
        elif above is None:
            remedy = "Add that area, or write the path of one that is there, such as d/3/."
            faults.add(f"{row.where}, property parent", "there is no such area above", row.parent, remedy)
        elif above not in HOLDERS[row.kind]:
            faults.add(
                f"{row.where}, property parent", "an area of this kind cannot lie in the one above", row.parent, CHANGE
            )


def _mend(rows: list[Row], known: Mapping[str, Area], *, really: bool) -> list[str]:
    """What is wrong with the cells of the file, and how it is mended: told, and done when asked for."""
    cells = {r.path: r for r in rows if r.kind == "cell"}
    shapes = {p: a.geometry for p, a in known.items() if a.kind == "community"}
    grounds = {p: shapely.geometry.shape(g) for p, g in shapes.items()} | {
        r.path: r.shape for r in rows if r.kind == "community"}
    held = {p: g for p, g in grounds.items() if any(c.startswith(p) for c in cells)}
    found = flaws({p: r.shape for p, r in cells.items()}, held) if cells else []
    if really:
        for path, shape in mended({p: r.shape for p, r in cells.items()}, found).items():
            cells[path].shape = shape
    head = _("mended") if really else _("can be mended")
    return [f"{head}: {_said(flaw)}" for flaw in found[:MOST_TOLD]]


def _said(flaw: Flaw) -> str:
    told = {"m2": f"{flaw.m2:.0f}", "cell": flaw.to, "among": ", ".join(flaw.among)}
    if flaw.kind == "gap":
        return _("a gap of %(m2)s m² goes to %(cell)s") % told
    if flaw.kind == "overlap":
        return _("%(m2)s m² of %(among)s stay with %(cell)s") % told
    return _("%(m2)s m² of %(among)s beyond the communities are cut off") % told


def _lie(faults: Faults, rows: list[Row], known: Mapping[str, Area]) -> list[str]:
    """Areas lie inside the one above and beside one another. Small misses are told, large ones are faults."""
    shapes = {p: shapely.geometry.shape(a.geometry) for p, a in known.items()} | {r.path: r.shape for r in rows}
    plane = Plane.around(*np.concatenate([np.reshape(r.shape.bounds, (2, 2)) for r in rows]).T)
    metres = {path: _flat(plane, shape) for path, shape in shapes.items()}
    remarks = []
    families: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        families[row.parent, row.kind].append(row)
        if row.parent and (out := metres[row.path].difference(metres[row.parent]).area) > 1:
            if out > OUTSIDE_SHARE * metres[row.path].area:
                faults.add(f"{row.where}, geometry", "the area reaches beyond the one above", f"{out:.0f} m²", CHANGE)
            else:
                remarks.append(
                    _("%(path)s: %(m2)s m² lie outside the area above") % {"path": row.path, "m2": f"{out:.0f}"}
                )
    for (parent, kind), family in families.items():
        remarks += _beside(faults, family, metres)
        if parent and kind != "district":
            gap = metres[parent].difference(shapely.union_all([metres[r.path] for r in family])).area
            if gap > 1:
                said = {"path": parent, "kind": kind, "m2": f"{gap:.0f}", "share": f"{gap / metres[parent].area:.1%}"}
                remarks.append(_("%(path)s: %(m2)s m² (%(share)s) lie in no %(kind)s of the file") % said)
    return remarks


def _beside(faults: Faults, family: list[Row], metres: Mapping[str, Any]) -> list[str]:
    shapes = np.array([metres[r.path] for r in family], object)
    remarks = []
    for one, other in shapely.STRtree(shapes).query(shapes, predicate="intersects").T:
        both = shapely.intersection(shapes[one], shapes[other]).area if one < other else 0.0
        if both <= 1:
            continue
        if both > OVERLAP_SHARE * min(shapes[one].area, shapes[other].area):
            where = f"{family[other].where}, geometry"
            faults.add(where, "the area overlaps its neighbour", f"{family[one].path}: {both:.0f} m²", CHANGE)
        else:
            said = {"one": family[one].path, "other": family[other].path, "m2": f"{both:.0f}"}
            remarks.append(_("%(one)s and %(other)s overlap by %(m2)s m²") % said)
    return remarks


def _flat(plane: Plane, shape: Any) -> Any:
    return shapely.transform(shape, lambda xy: np.column_stack(plane.to_xy(xy[:, 0], xy[:, 1])))


def _cells(rows: list[Row]) -> list[Row]:
    """Grid cells for the file's communities, which get exact borders by it; none when the file brings its
    own."""
    communities = [r for r in rows if r.kind == "community"]
    if not communities or any(r.kind == "cell" for r in rows):
        return []
    try:
        pieces = cut([c.shape for c in communities], CELL_M)
    except ValueError:
        fault = Fault(communities[0].where, "a community lies wholly inside others", None, CHANGE)
        raise BadInput([fault]) from None
    found = []
    for number, (cell, owner) in enumerate(zip(pieces.cells, pieces.community, strict=True), 1):
        above, code = communities[owner], f"c{number:04}"
        found.append(
            Row(
                above.where,
                f"{above.path}{code}/",
                above.path,
                "cell",
                f"网格{number:04}",
                f"Cell {number:04}",
                above.setting,
                cell,
            )
        )
    for number, community in enumerate(communities):
        community.shape = pieces.of([number])
    return found


def _save_areas(log: Log, rows: list[Row]) -> None:
    """Areas of the same path are replaced; cells that their community no longer has go, and beats of the file take the
    place of those there were in, above or below the same area."""
    fresh = {row.path for row in rows}
    divided = {row.parent for row in rows if row.kind == "beat"}
    for beat in Area.objects.filter(kind="beat").exclude(path__in=fresh):
        if any(beat.parent.startswith(path) or path.startswith(beat.parent) for path in divided):
            beat.delete()
    with_cells = {row.parent for row in rows if row.kind == "cell"}
    Area.objects.filter(kind="cell", parent__in=with_cells).exclude(path__in=fresh).delete()
    fields = ["parent", "code", "kind", "zh", "en", "setting", "geometry", "lon", "lat", "example"]
    Area.objects.bulk_create(
        [row.as_area() for row in rows], update_conflicts=True, unique_fields=["path"], update_fields=fields
    )


def check_streets(source: Source) -> Checked:
    """An OpenStreetMap extract (.osm.pbf), or a folder with nodes.parquet and edges.parquet."""
    if source.path.is_dir():
        network = read_streets(source.path)
        remarks = network.remarks()
    elif source.fits(".pbf"):
        found = read_osm(source.path)
        network, remarks = found.streets, [f"{n} {what}" for what, n in found.report.items()]
    else:
        what = "streets come as an OpenStreetMap extract (.osm.pbf) or a folder with two Parquet files"
        raise BadInput([Fault(source.name, what, None, "Give one of these.")])
    _near(network, source.name)
    said = source.options

    def save(log: Log) -> None:
        with TemporaryDirectory() as folder:
            write_streets(network, Path(folder))
            streets.install(
                Path(folder),
                name=said.get("name") or source.name[:80],
                origin=said.get("source") or source.name,
                licence=said.get("licence", ""),
                now=log.now,
            )

    return Checked({"nodes": network.node_count, "edges": network.edge_count}, save, tuple(remarks))


def _near(network: Streets, name: str) -> None:
    """Streets of another city are a mistake that would show at the first call."""
    top = facts.district()
    if top is None or network.plane is None:
        return
    lon, lat = network.coordinates()
    if not shapely.intersects_xy(shapely.geometry.shape(top.geometry), lon, lat).any():
        remedy = "Import the streets of the district, or its areas first."
        raise BadInput([Fault(name, "no crossing of these streets lies in the district", top.en, remedy)])


IMPORTERS = (
    Importer(
        "areas",
        10,
        gettext_lazy("Areas"),
        gettext_lazy(
            "GeoJSON in degrees. Properties: code, kind (district, control_area, community, cell, beat), zh, en, "
            "parent (path of the area above), setting. Without cells, communities are cut into squares."
        ),
        (".geojson", ".json"),
        check_areas,
        {"mend": gettext_lazy("Mend gaps and overlaps of cells (yes or no)")},
    ),
    Importer(
        "streets",
        20,
        gettext_lazy("Streets"),
        gettext_lazy("An OpenStreetMap extract (.osm.pbf). It replaces the network in use; plans keep theirs."),
        (".pbf",),
        check_streets,
        {"name": gettext_lazy("Name"), "source": gettext_lazy("Source"), "licence": gettext_lazy("Licence")},
    ),
)
