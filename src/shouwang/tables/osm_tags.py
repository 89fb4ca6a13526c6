"""What the tags of OpenStreetMap say about a way: whether it is used, in which direction, and how fast."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

Tags = Mapping[str, str]

# Speed in km/h where no limit is tagged; classes not listed are not driven on.
SPEED_KMH = {
    "motorway": 100, "motorway_link": 60, "trunk": 80, "trunk_link": 50, "primary": 60, "primary_link": 45,
    "secondary": 50, "secondary_link": 40, "tertiary": 40, "tertiary_link": 35, "unclassified": 35,
    "residential": 30, "living_street": 15, "service": 15, "road": 30,
}  # fmt: skip
# Walking speed in km/h. Cycleways are walked where the tags allow it.
WALK_KMH = dict.fromkeys(
    ("trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link", "tertiary", "tertiary_link",
     "unclassified", "residential", "living_street", "service", "road", "pedestrian", "footway", "path", "track",
     "platform", "corridor"), 4.8,
) | {"steps": 2.0, "cycleway": 4.8, "bridleway": 4.8}  # fmt: skip
_ONLY_IF_ALLOWED = {"cycleway", "bridleway", "motorway", "motorway_link"}
_NO_ENTRY = {"no", "private", "agricultural", "forestry", "military", "bus", "psv", "emergency", "use_sidepath"}
_ALLOWED = {"yes", "designated", "permissive", "destination", "official"}
_NOT_SERVED = {"parking_aisle", "drive-through"}
# Barriers that stop a car, or a walker, unless their own tags let it pass; others (gates) stop whom their tags stop.
_STOPS_CARS = {
    "bollard", "block", "jersey_barrier", "log", "cycle_barrier", "motorcycle_barrier", "kissing_gate", "stile",
    "turnstile", "full-height_turnstile", "chain", "planter", "debris",
}  # fmt: skip
_MPH, _KNOT = 1.609344, 1.852
# Limits by place where a way names a rule in place of a number: the country's if known, else the usual one.
_ZONE_KMH = {
    "urban": 50, "rural": 80, "motorway": 110, "trunk": 90, "living_street": 10, "bicycle_road": 30,
    "nsl_single": 96.56, "nsl_dual": 112.65, "walk": 6,
    "CN:urban": 50, "CN:rural": 70, "CN:motorway": 120, "DE:rural": 100, "DE:motorway": 130, "FR:rural": 80,
    "FR:motorway": 130, "IT:rural": 90, "IT:motorway": 130, "RU:urban": 60, "RU:rural": 90, "RU:motorway": 110,
    "BR:urban": 60, "BR:rural": 80,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Profile:
    """Who travels: classes with their speeds, and the tags that let in or keep out, the most particular first."""

    name: str
    kmh: Mapping[str, float]
    access: tuple[str, ...]
    on_foot: bool


DRIVE = Profile("drive", SPEED_KMH, ("motorcar", "motor_vehicle", "vehicle", "access"), False)
WALK = Profile("walk", WALK_KMH, ("foot", "access"), True)
PROFILES = {profile.name: profile for profile in (DRIVE, WALK)}


def why_not(tags: Tags, profile: Profile = DRIVE) -> str | None:
    """Why a way is not used, or None if it is."""
    kind, said = tags["highway"], next((tags[key] for key in profile.access if key in tags), "")
    by_name = next(iter(profile.access)) in tags and said in _ALLOWED
    if kind not in profile.kmh or (profile.on_foot and kind in _ONLY_IF_ALLOWED and not by_name):
        return "ways not for walking" if profile.on_foot else "ways not for cars"
    if tags.get("area") == "yes":
        return "squares and other areas"
    if said in _NO_ENTRY:
        return "private or closed ways"
    if not profile.on_foot and tags.get("service") in _NOT_SERVED:
        return "parking aisles and drive-throughs"
    return None


def stops(tags: Tags, profile: Profile = DRIVE) -> bool:
    """Whether a barrier on a way cannot be passed."""
    said = next((tags[key] for key in profile.access if key in tags), "")
    if said:
        return said in _NO_ENTRY
    return not profile.on_foot and tags.get("barrier") in _STOPS_CARS


def directions(tags: Tags, profile: Profile = DRIVE) -> tuple[bool, bool]:
    """Whether a way may be used along and against its own direction."""
    if profile.on_foot:
        one_way = tags.get("oneway:foot", "no")
    else:
        one_way = tags.get("oneway:motor_vehicle", tags.get("oneway", ""))
    if one_way in ("-1", "reverse"):
        return False, True
    implied = tags.get("junction") in ("roundabout", "circular") or tags["highway"] == "motorway"
    if one_way in ("yes", "true", "1") or (implied and one_way != "no" and not profile.on_foot):
        return True, False
    return True, True


def speed_kmh(tags: Tags, key: str = "maxspeed") -> float | None:
    """The tagged limit in km/h, None where there is none that can be understood.

    A number with or without unit (km/h, mph, knots), the lowest of several ("60;80"), or a rule by place: "CN:urban",
    "DE:zone:30", "zone30", "walk". "none", "signals" and "variable" say nothing of use.
    """
    speeds = [_one_speed(part.strip()) for part in re.split(r"[;|]", tags.get(key, ""))]
    known = [speed for speed in speeds if speed is not None]
    return min(known) if known and len(known) == len(speeds) else None


def speeds_kmh(tags: Tags, profile: Profile = DRIVE) -> tuple[float, float, bool]:
    """Speed along and against a way's direction, and whether its limits were understood."""
    usual = float(profile.kmh[tags["highway"]])
    if profile.on_foot:
        return usual, usual, True
    keys = ("maxspeed:forward", "maxspeed:backward")
    both = speed_kmh(tags)
    forth, back = (speed_kmh(tags, key) or both or usual for key in keys)
    given = [key for key in ("maxspeed", *keys) if key in tags]
    return forth, back, all(speed_kmh(tags, key) is not None for key in given)


def _one_speed(text: str) -> float | None:
    if match := re.fullmatch(r"(\d+(?:\.\d+)?)\s*(mph|km/h|kmh|kph|knots)?", text):
        unit = {"mph": _MPH, "knots": _KNOT}.get(match[2] or "", 1.0)
        return float(match[1]) * unit if float(match[1]) > 0 else None
    if match := re.fullmatch(r"(?:[A-Z]{2}:)?zone:?(\d+)", text):
        return float(match[1]) or None
    if text in _ZONE_KMH:
        return float(_ZONE_KMH[text])
    country, _, rule = text.partition(":")
    return float(_ZONE_KMH[rule]) if re.fullmatch("[A-Z]{2}", country) and rule in _ZONE_KMH else None
