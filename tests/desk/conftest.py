"""A small town on real St. Louis streets, and the people who work there."""
from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from shouwang.desk.log.actor import Actor

PASSWORD = "watch-and-help-7"
STREETS = UUID("01a20000-0000-7000-8000-000000000001")  # of every test's town: they are read once for all of them
ROLES = {
    "call_taker": "call_taker", "dispatcher": "dispatcher", "supervisor": "duty_commander", "member": "patrol_officer",
    "planner": "planner", "analyst": "analyst", "leader": "area_commander", "admin": "admin", "auditor": "auditor",
    "grid": "grid_worker", "office": "safety_office_head", "clerk": "centre_clerk", "centre": "centre_head_district",
    "handler": "matter_handler", "squad": "squadron_leader", "hr": "hr_clerk", "mediator": "mediator",
    "editor": "bulletin_editor", "surveyor": "survey_manager",
}


@dataclass
class Person:
    user: Any

    @property
    def actor(self) -> Actor:
        from shouwang.desk.people.access import actor_of
        return actor_of(self.user)

    @property
    def client(self) -> Client:
        client = Client()
        client.force_login(self.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client


class Cast:
    """`cast.dispatcher`, `cast.planner`, …: one person per role in the town "t/". `cast.stranger` holds all roles in
    another district "x/"; `cast.nobody` holds none."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}

    def __getattr__(self, name: str) -> Person:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None


@dataclass
class Town:
    now: datetime
    areas: dict[str, Any] = field(default_factory=dict)
    units: dict[str, Any] = field(default_factory=dict)
    posts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 21, 14, 46, 37, tzinfo=UTC))


@pytest.fixture
def rules(kept_rules: dict[str, str], db: Any) -> None:
    """The default rules: life cycles, timers, roles, kinds of units, call types."""
    from django.db import connection, transaction

    from shouwang.desk.workflow import moves

    moves.forget()
    with transaction.atomic(), connection.cursor() as cursor:
        for own, kept in kept_rules.items():
            cursor.execute(f"INSERT INTO {own} SELECT * FROM {kept}")


@pytest.fixture
def cast(rules: None) -> Cast:
    from shouwang.desk.people.models import Grant, User

    people, grants = Cast(), []

    def add(name: str, roles: list[str], area: str) -> None:
        user = User(username=name, name=name.replace("_", " ").title())
        user.set_unusable_password()  # hashing costs; sign-in tests set their own
        grants.extend(Grant(user=user, role_id=role, area=area) for role in roles)
        people.people[name] = Person(user)

    for name, role in ROLES.items():
        add(name, [role], "t/")
    add("stranger", list(ROLES.values()), "x/")
    add("nobody", [], "t/")
    User.objects.bulk_create(person.user for person in people.people.values())
    Grant.objects.bulk_create(grants)
    return people


def _square(lon: float, lat: float, half: float) -> dict[str, Any]:
    ring = [[lon - half, lat - half], [lon + half, lat - half], [lon + half, lat + half], [lon - half, lat + half],
            [lon - half, lat - half]]
    return {"type": "Polygon", "coordinates": [ring]}


@pytest.fixture
def town(rules: None, clock: Clock, data_folder: Path, stlouis: Path) -> Town:
    """District "t/" (and a neighbour "x/"): control areas t/1/ and t/2/ west and east of -90.24, one community in
    each; eight units of four services, all available; the real streets of St. Louis."""
    from shouwang.desk.places.models import Area, Post, StreetNetwork
    from shouwang.desk.units.models import Unit, UnitKind

    town = Town(clock.now)

    def area(path: str, kind: str, zh: str, en: str, lon: float, lat: float, half: float) -> None:
        codes = path.rstrip("/").split("/")
        parent = "".join(c + "/" for c in codes[:-1])
        town.areas[path] = Area.objects.create(
            path=path, parent=parent, code=codes[-1], kind=kind, zh=zh, en=en, lon=lon, lat=lat,
            geometry=_square(lon, lat, half), example=True)

    area("t/", "district", "小城区", "Small town", -90.24, 38.63, 0.04)
    area("t/1/", "control_area", "一控区", "Area 1", -90.26, 38.63, 0.02)
    area("t/2/", "control_area", "二控区", "Area 2", -90.22, 38.63, 0.02)
    area("t/1/a/", "community", "甲社区", "Community A", -90.26, 38.63, 0.02)
    area("t/2/b/", "community", "乙社区", "Community B", -90.22, 38.63, 0.02)
    area("x/", "district", "邻区", "Next town", -90.24, 38.73, 0.02)

    network = StreetNetwork.objects.create(id=STREETS, name="St. Louis", source="TIGER/Line 2019", nodes=14071,
                                           edges=44122, licence="public domain", at=clock.now)
    folder = settings.CONFIG.data / "streets" / str(network.id)
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("nodes.parquet", "edges.parquet"):
        if not (folder / name).exists():
            shutil.copy(stlouis / name, folder / name)

    for code, kind, path, lon, lat in (
        ("S1", "station", "t/1/a/", -90.262, 38.632), ("P1", "platform", "t/2/b/", -90.222, 38.634),
        ("F1", "fire_station", "t/2/b/", -90.218, 38.626),
    ):
        town.posts[code] = Post.objects.create(code=code, kind=kind, area=path, lon=lon, lat=lat, zh=f"{code} 岗",
                                               en=f"Post {code}", example=True)
    for code, en, kind, path, lon, lat in (
        ("巡01", "P01", "patrol_car", "t/1/a/", -90.262, 38.632),
        ("巡02", "P02", "patrol_car", "t/2/b/", -90.222, 38.634),
        ("巡03", "P03", "patrol_car", "t/2/b/", -90.212, 38.622),
        ("所41", "S41", "station_car", "t/1/a/", -90.262, 38.632),
        ("交21", "T21", "traffic_car", "t/2/b/", -90.230, 38.640),
        ("消31", "F31", "fire_engine", "t/2/b/", -90.218, 38.626),
        ("消32", "F32", "fire_engine", "t/1/a/", -90.266, 38.624),
        ("卫51", "G51", "community_patrol", "t/1/a/", -90.258, 38.628),
    ):
        unit_kind = UnitKind.objects.get(code=kind)
        town.units[en] = Unit.objects.create(
            code=code, zh=code, en=en, kind=unit_kind, capabilities=unit_kind.capabilities, area=path, lon=lon, lat=lat,
            state="available", state_since=clock.now, example=True)
    town.units["X01"] = Unit.objects.create(
        code="邻01", zh="邻01", en="X01", kind=UnitKind.objects.get(code="patrol_car"), area="x/", lon=-90.24,
        lat=38.73, state="available", state_since=clock.now)
    return town


@pytest.fixture
def on_duty(cast: Cast, town: Town) -> Person:
    """The unit member, clocked on with unit P02."""
    from shouwang.desk.units.models import Duty

    Duty.objects.create(unit=town.units["P02"], user=cast.member.user.id, on_at=town.now)
    return cast.member


@pytest.fixture
def close(cast: Cast, town: Town, clock: Clock) -> Any:
    """The dispatcher (or another) shuts the stretch at a point for two hours, both ways, unless told otherwise."""
    from shouwang.desk.closures import actions
    from shouwang.desk.closures.terms import Pick
    from shouwang.desk.log.ids import new_id

    def close(lon: float | None = None, lat: float | None = None, by: str = "dispatcher", **given: Any) -> Any:
        picks = [Pick(lon, lat)] if lon is not None and lat is not None else []
        asked = {"id": new_id(), "picks": picks, "reason": "works", "until_at": clock() + timedelta(hours=2)}
        return actions.close(actor=getattr(cast, by).actor, now=clock(), **{**asked, **given})
    return close


@pytest.fixture
def easy(town: Any) -> Iterator[None]:
    """Little work for a resident's phone, and nothing counted yet."""
    from django.core.cache import cache

    from shouwang.desk.workflow.models import Setting
    from tests.residents import BITS

    Setting.objects.create(key="puzzle_bits", value=BITS)
    cache.clear()
    yield
    cache.clear()
