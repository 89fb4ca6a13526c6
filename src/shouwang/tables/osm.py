"""Streets for driving or walking from an OpenStreetMap extract (PBF)."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import osmium

from shouwang.engine.errors import BadInput, Fault
from shouwang.tables.gathered import Gathered, Import, Turn
from shouwang.tables.osm_tags import (
    DRIVE,
    SPEED_KMH,
    Profile,
    directions,
    speed_kmh,
    speeds_kmh,
    stops,
    why_not,
)

__all__ = ["SPEED_KMH", "Import", "directions", "read_osm", "speed_kmh"]

_CARS = {"motorcar", "motor_vehicle"}


def read_osm(path: Path | str, profile: Profile = DRIVE) -> Import:
    """Read the streets that may be used: classes, access, barriers, one-way, speed limits or the class's speed, and
    turn restrictions at a node.

    Kept is the largest part in which every node reaches every other, chains of points joined. Raises `BadInput` if
    the file cannot be read or holds no street.
    """
    reader = _Reader(profile)
    kinds = osmium.osm.NODE | osmium.osm.WAY | osmium.osm.RELATION
    try:
        processor = osmium.FileProcessor(str(path), kinds).with_locations()
        for thing in processor.with_filter(osmium.filter.KeyFilter("highway", "barrier", "type")):
            if isinstance(thing, osmium.osm.Way):
                reader.take_way(thing)
            elif isinstance(thing, osmium.osm.Relation):
                reader.take_relation(thing)
            elif isinstance(thing, osmium.osm.Node):
                reader.take_node(thing)
    except (RuntimeError, OSError) as error:
        fault = Fault(str(path), "the file cannot be read as an OpenStreetMap extract", None, "Give a PBF file.")
        raise BadInput([fault]) from error
    return reader.gathered.joined(str(path))


class _Reader:
    """Gathers edges and turns; nodes come before ways in a file, and ways before relations."""

    def __init__(self, profile: Profile) -> None:
        self.profile, self.gathered, self._barriers = profile, Gathered(), set[int]()

    def take_node(self, node: osmium.osm.Node) -> None:
        if stops(_tags(node), self.profile):
            self._barriers.add(node.id)

    def take_way(self, way: osmium.osm.Way) -> None:
        tags, gathered = _tags(way), self.gathered
        if "highway" not in tags:
            return
        if (reason := why_not(tags, self.profile)) is not None:
            gathered.report[reason] += 1
            return
        forth_kmh, back_kmh, understood = speeds_kmh(tags, self.profile)
        gathered.report["speed limits not understood (class speed used)"] += not understood
        nodes = [(node.ref, node.lon, node.lat) for node in way.nodes if node.location.valid()]
        gathered.report["points outside the extract"] += len(way.nodes) - len(nodes)
        forth, back = directions(tags, self.profile)
        said = way.id, tags.get("name"), tags["highway"]
        for (a, *at_a), (b, *at_b) in pairwise(nodes):
            if a == b:
                continue
            u, v = self._point(a, at_a), self._point(b, at_b)
            if forth:
                gathered.add(u, v, said[0], forth_kmh, *said[1:])
            if back:
                gathered.add(v, u, said[0], back_kmh, *said[1:])

    def _point(self, node: int, at: list[float]) -> int:
        """The number of a point; a barrier gets another one for each piece of street that ends there."""
        if node in self._barriers:
            self.gathered.report["ends of streets at barriers"] += 1
            node = -1 - len(self.gathered.place)
        self.gathered.place[node] = at[0], at[1]
        return node

    def take_relation(self, relation: osmium.osm.Relation) -> None:
        tags, gathered = _tags(relation), self.gathered
        if not tags.get("type", "").startswith("restriction") or self.profile.on_foot:
            return
        rule = tags.get("restriction:motorcar", tags.get("restriction", ""))
        if not rule.startswith(("no_", "only_")) or not _CARS.isdisjoint(tags.get("except", "").split(";")):
            gathered.report["turn restrictions for others, or at certain times"] += 1
            return
        members: dict[str, list[tuple[str, int]]] = {"from": [], "via": [], "to": []}
        for member in relation.members:
            members.setdefault(member.role, []).append((member.type, member.ref))
        if [kind for kind, _ in members["via"]] != ["n"]:
            gathered.report["turn restrictions over a street (not read)"] += 1
            return
        node = members["via"][0][1]
        for _, came in members["from"]:
            for _, goes in members["to"]:
                gathered.turns.append(Turn(came, node, goes, rule.startswith("only_")))


def _tags(thing: osmium.osm.Node | osmium.osm.Way | osmium.osm.Relation) -> dict[str, str]:
    return {tag.k: tag.v for tag in thing.tags}
