"""The demo accounts: one for each role, and a crew for each unit. All invented and marked as such."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password

from shouwang.desk.config import Config
from shouwang.desk.linked.models import Seat
from shouwang.desk.people.models import Grant, Role, User
from shouwang.desk.units.models import Duty, Unit

from .crew import OFF_DUTY_EVERY

RELIEFS = 4  # further members of each patrol's crew, so that a roster has somebody to choose from
ROSTERED = ("police", "guard")

# username, role, Chinese and English name; who works for a control area or a community holds the first one, the others
# the district
STAFF = (
    ("calltaker", "call_taker", "示例接警员", "Example call-taker"),
    ("dispatcher", "dispatcher", "示例派警员", "Example dispatcher"),
    ("supervisor", "duty_commander", "示例指挥长", "Example supervisor"),
    ("member", "patrol_officer", "示例巡逻民警", "Example unit member"),
    ("planner", "planner", "示例规划员", "Example planner"),
    ("analyst", "analyst", "示例分析员", "Example analyst"),
    ("leader", "area_commander", "示例控区长", "Example area leader"),
    ("admin", "admin", "示例管理员", "Example administrator"),
    ("auditor", "auditor", "示例审计员", "Example auditor"),
    ("grid", "grid_worker", "示例网格员", "Example grid worker"),
    ("office", "safety_office_head", "示例社区治安办主任", "Example community office"),
    ("clerk", "centre_clerk", "示例综治中心值班员", "Example centre clerk"),
    ("centre", "centre_head_district", "示例区综治中心主任", "Example district centre"),
    ("squad", "squadron_leader", "示例巡防中队长", "Example squadron leader"),
    ("hr", "hr_clerk", "示例队伍管理员", "Example personnel clerk"),
    ("guard", "guard", "示例巡防队员", "Example guard"),
    ("handler", "matter_handler", "示例事项承办人", "Example handler"),
    ("mediator", "mediator", "示例人民调解员", "Example mediator"),
    ("mediation", "mediation_manager", "示例调解管理员", "Example mediation manager"),
    ("callback", "callback_clerk", "示例回访员", "Example callback clerk"),
    ("agency", "agency_contact", "示例燃气公司值班员", "Example duty officer of the gas company"),
    ("editor", "bulletin_editor", "示例通报编辑", "Example bulletin editor"),
    ("survey", "survey_manager", "示例测评组织员", "Example survey manager"),
)
SEATED = {"handler": "urban_management", "agency": "gas_co"}  # which agency an account answers for
OF_A_CONTROL_AREA = ("area_commander", "centre_clerk", "squadron_leader")
OF_A_COMMUNITY = ("grid_worker", "safety_office_head", "guard")


@dataclass(frozen=True)
class Account:
    username: str
    password: str
    zh: str
    en: str


def password(config: Config) -> str:
    """The demo accounts' password: made for this centre, short enough to type, kept beside its secrets."""
    path = config.data / "secret" / "demo.password"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as f:
            f.write(f"watch-{secrets.randbelow(9000) + 1000}-{secrets.randbelow(9000) + 1000}")
    return path.read_text()


def accounts(config: Config) -> list[Account]:
    """What to print at the start, while the demo accounts stand; empty in a centre without them."""
    roles = Role.objects.in_bulk()
    standing = set(User.objects.filter(example=True, is_active=True).values_list("username", flat=True))
    secret = password(config) if standing else ""
    return [Account(name, secret, roles[role].zh, roles[role].en) for name, role, _, _ in STAFF if name in standing]


def make(
    config: Config, *, top: str, control_area: str, community: str, units: Sequence[Unit], now: datetime
) -> None:
    """Accounts, grants, and the duty ledger: most units are clocked on, every seventh rests. Patrols have members off
    duty too; a moment in the ledger tells which unit they belong to.

    Crews cannot sign in; `member` can, and clocks on with any of the resting units.
    """
    hashed = make_password(password(config))
    users, grants, duties, seats = [], [], [], []
    for username, role, zh, _ in STAFF:
        user = User(username=username, name=zh, password=hashed, example=True)
        users.append(user)
        area = control_area if role in OF_A_CONTROL_AREA else community if role in OF_A_COMMUNITY else top
        grants.append(Grant(user=user, role_id=role, area=area))
        if username in SEATED:
            seats.append(Seat(user=user.id, agency=SEATED[username]))
    for number, unit in enumerate(units, 1):
        user = User(
            username=f"crew-{unit.en.lower()}",
            name=f"示例队员{unit.zh}",
            password=make_password(None),
            example=True,
        )
        users.append(user)
        grants.append(Grant(user=user, role_id="patrol_officer", area=unit.area))
        if number % OFF_DUTY_EVERY:
            duties.append(Duty(unit=unit, user=user.id, on_at=now))
            unit.state = "available"
    closed, before = make_password(None), now - timedelta(days=1)
    for unit in (unit for unit in units if unit.kind.service in ROSTERED):
        for number in range(2, RELIEFS + 2):
            username, name = f"crew-{unit.en.lower()}-{number}", f"示例队员{unit.zh}-{number}"
            user = User(username=username, name=name, password=closed, example=True)
            users.append(user)
            grants.append(Grant(user=user, role_id="patrol_officer", area=unit.area))
            duties.append(Duty(unit=unit, user=user.id, on_at=before, off_at=before))
    User.objects.bulk_create(users)
    Grant.objects.bulk_create(grants)
    Seat.objects.bulk_create(seats)
    Unit.objects.bulk_update(units, ["state"])
    Duty.objects.bulk_create(duties)
