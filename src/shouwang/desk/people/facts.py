"""People as plain values."""
from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.gate import in_areas

from .models import Grant, Role, User

MANAGE = "user.manage"
ON_DUTY = "position.own"  # what a member of a crew holds: positions of their own while clocked on


def names_of(ids: list[str]) -> dict[str, str]:
    return {str(i): name for i, name in User.objects.filter(id__in=ids).values_list("id", "name")}


def role_names(codes: list[str]) -> dict[str, str]:
    return {r.code: str(r) for r in Role.objects.filter(code__in=codes)}


@dataclass(frozen=True)
class Member:
    """Somebody who goes on duty with a unit; `area`: path of the role that says so."""

    id: str
    name: str
    staff_no: str
    area: str


def crew_members(area: str) -> list[Member]:
    """Active accounts with a role of a crew in the area or below, by name."""
    return holders(area, ON_DUTY)


def holders(area: str, *permissions: str) -> list[Member]:
    """Active accounts with a role in the area or below that holds one of the permissions, by name."""
    roles = [r.code for r in Role.objects.all() if not {*permissions}.isdisjoint(r.permissions)]
    held = Grant.objects.filter(role__in=roles, area__startswith=area, user__is_active=True).order_by("area")
    rows = {str(i): Member(str(i), name, no, path)
            for i, name, no, path in held.values_list("user_id", "user__name", "user__staff_no", "area")}
    return sorted(rows.values(), key=lambda m: (m.name, m.id))


def areas_held(*permissions: str) -> set[str]:
    """Paths of the areas for which some active account holds one of the permissions; not of those below them."""
    roles = [r.code for r in Role.objects.all() if not {*permissions}.isdisjoint(r.permissions)]
    return set(Grant.objects.filter(role__in=roles, user__is_active=True).values_list("area", flat=True))


def members(ids: list[str]) -> list[Member]:
    """These accounts, closed ones too, without an area."""
    rows = User.objects.filter(id__in=ids).values_list("id", "name", "staff_no")
    return [Member(str(i), name, no, "") for i, name, no in rows]


def active_members(areas: dict[str, str]) -> list[Member]:
    """Accounts that are not closed, each with the area told with it, by name."""
    rows = User.objects.filter(id__in=list(areas), is_active=True).order_by("name", "id")
    return [Member(str(i), name, no, areas[str(i)]) for i, name, no in rows.values_list("id", "name", "staff_no")]


def language_of(user_id: str) -> str:
    """The language an active account reads, "" for none."""
    return User.objects.filter(id=user_id, is_active=True).values_list("language", flat=True).first() or ""


def ids_by_name(typed: list[str]) -> dict[str, str]:
    """Accounts whose sign-in name or name is one of those typed: id → name."""
    return {str(i): name for i, name in User.objects.filter(Q(username__in=typed) | Q(name__in=typed))
            .values_list("id", "name")}


def people_in_reach(actor: Actor) -> QuerySet[User]:
    """Accounts with a role in the actor's areas, and those without any role yet."""
    held = Grant.objects.filter(user=OuterRef("pk"))
    mine = held.filter(in_areas("area", actor.areas(MANAGE)))
    return User.objects.filter(Exists(mine) | ~Exists(held)).order_by("username")


def other_managers(row: Grant) -> bool:
    """Whether another active account can manage accounts in the whole area of `row`."""
    roles = [r.code for r in Role.objects.all() if MANAGE in r.permissions]
    covers = Q(area="")
    codes = row.area.split("/")
    for n in range(1, len(codes)):
        covers |= Q(area="/".join(codes[:n]) + "/")
    others = Grant.objects.filter(covers, role__in=roles, user__is_active=True)
    return others.exclude(user=row.user).exists()


def ids_named(word: str) -> list[str]:
    """Accounts whose name holds a word."""
    return [str(i) for i in User.objects.filter(name__icontains=word).values_list("id", flat=True)]


def account_of(username: str) -> Member | None:
    """The active account of a sign-in name."""
    row = User.objects.filter(username=username, is_active=True).first()
    return Member(str(row.id), row.name, row.staff_no, "") if row else None


def manages(user_id: UUID) -> bool:
    """Whether the account can manage accounts anywhere."""
    roles = [r.code for r in Role.objects.all() if MANAGE in r.permissions]
    return Grant.objects.filter(user=user_id, role__in=roles).exists()


def usernames() -> dict[str, str]:
    """Every sign-in name in small letters, with the account's id."""
    return {name.lower(): str(i) for i, name in User.objects.values_list("id", "username")}


def held_in(user_id: UUID | str, area: str) -> set[str]:
    """Permissions that an account holds in this area."""
    roles = Role.objects.filter(code__in=roles_held(str(user_id), area))
    return {permission for row in roles for permission in row.permissions}


def may_lend(actor: Actor, user_id: UUID | str, role: str, area: str) -> bool:
    """Whether somebody may give this account a role in an area: who manages accounts there, else who holds there all
    that the account would gain by it, and is not the account."""
    row = Role.objects.filter(code=role).first()
    if row is None or str(user_id) == actor.id:
        return False
    gained = set(row.permissions) - held_in(user_id, area)
    return actor.may(MANAGE, area) or all(actor.may(permission, area) for permission in gained)


def roles_held(user_id: str, area: str) -> set[str]:
    """Roles that an account holds in this area: there, or in one above it."""
    try:
        user = UUID(user_id)
    except ValueError:
        return set()  # the centre's own workers hold none
    codes = area.split("/")
    covers = Q(area="")
    for n in range(1, len(codes)):
        covers |= Q(area="/".join(codes[:n]) + "/")
    return set(Grant.objects.filter(covers, user=user, user__is_active=True).values_list("role", flat=True))
