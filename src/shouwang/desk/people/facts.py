"""People as plain values."""
from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.gate import in_areas

from .models import Grant, Role, User

MANAGE = "user.manage"


def names_of(ids: list[str]) -> dict[str, str]:
    return {str(i): name for i, name in User.objects.filter(id__in=ids).values_list("id", "name")}


def role_names(codes: list[str]) -> dict[str, str]:
    return {r.code: str(r) for r in Role.objects.filter(code__in=codes)}


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
