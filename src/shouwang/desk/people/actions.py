"""What an administrator does with accounts. Nobody gives, takes or resets what lies outside their own areas."""
from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor, system
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.names import ground
from shouwang.desk.log.writing import Log, writing

from . import leaving
from .facts import may_lend, other_managers
from .models import Grant, Role, Token, User
from .sessions import end_access

MANAGE = "user.manage"
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that reads alike


def one_time_password() -> str:
    """Four groups of four, told once by the administrator and changed by its owner."""
    return "-".join("".join(secrets.choice(ALPHABET) for _n in range(4)) for _m in range(4))


def create_user(*, actor: Actor, now: datetime, username: str, name: str, staff_no: str = "",
                email: str = "") -> tuple[User, str]:
    """A new account without roles, and its first password, readable here alone."""
    actor.require(MANAGE)
    with writing(actor=actor, now=now) as log:
        return open_account(log, username=username, name=name, staff_no=staff_no, email=email)


def open_account(log: Log, *, username: str, name: str, staff_no: str = "", email: str = "", role: str = "",
                 area: str = "", with_password: bool = True) -> tuple[User, str]:
    """In the transaction under way, for rooms whose action gives somebody an account: with one role in an area, or
    none. The caller has asked for its own permission. Returns the first password, readable here alone; "" for an
    account that an administrator gives one later."""
    _check_username(username)
    password = one_time_password() if with_password else ""
    user = User.objects.create_user(username, password or None, name=name.strip(), staff_no=staff_no.strip(),
                                    email=email, password_given=True)
    log.append("user.created", subject=("user", user.id))
    if role:
        Grant.objects.create(user=user, role_id=role, area=area)
        log.append("role.granted", subject=("user", user.id), area=area, payload={"role": role})
    return user, password


def amend_user(*, actor: Actor, now: datetime, user_id: UUID | str, name: str, staff_no: str, email: str) -> User:
    user = _own(actor, user_id)
    with writing(actor=actor, now=now) as log:
        wanted = {"name": name.strip(), "staff_no": staff_no.strip(), "email": email}
        changed = [field for field, value in wanted.items() if getattr(user, field) != value]
        if changed:
            User.objects.filter(id=user.id).update(**wanted)
            log.append("user.amended", subject=("user", user.id), payload={"fields": changed})
    return User.objects.get(id=user.id)


def reset_password(*, actor: Actor, now: datetime, user_id: UUID | str, reason: str) -> str:
    """A new password, readable here alone; every session of the person ends."""
    user, reason = _own(actor, user_id), _reason(reason)
    password = one_time_password()
    with writing(actor=actor, now=now) as log:
        user.set_password(password)
        user.password_given = True
        user.save(update_fields=["password", "password_given"])
        log.append("user.password_reset", subject=("user", user.id), reason=reason)
        end_access(log, user.id, "password")
    return password


def grant(*, actor: Actor, now: datetime, user_id: UUID | str, role: str, area: str, reason: str) -> Grant:
    """Gives a role in an area and below. The person's streams come back with it; pages stay open."""
    actor.require(MANAGE, area)
    reason, user = _reason(reason), _find(user_id)
    if area not in {g.path for g in ground(cells=True)}:
        raise Refused(_("Choose an area."), field="area")
    found = Role.objects.filter(code=role).first()
    if found is None:
        raise Refused(_("Choose a role."), field="role")
    with writing(actor=actor, now=now) as log:
        row, fresh = Grant.objects.get_or_create(user=user, role=found, area=area)
        if not fresh:
            raise Conflict(_("%(name)s holds this role there already.") % {"name": user.name}, field="role")
        log.append("role.granted", subject=("user", user.id), area=area, payload={"role": role}, reason=reason)
        end_access(log, user.id, "roles", sessions=False)
    return row


def revoke(*, actor: Actor, now: datetime, grant_id: UUID | str | None, reason: str) -> None:
    """Takes a role. What the person has open ends at once."""
    reason = _reason(reason)
    with writing(actor=actor, now=now) as log:
        row = Grant.objects.select_related("role", "user").filter(id=grant_id).first() if grant_id else None
        if row is None:
            raise Missing(_("There is no such role."))
        actor.require(MANAGE, row.area)
        if row.user.is_active:
            _keep_a_manager(row)
        row.delete()
        log.append("role.revoked", subject=("user", row.user_id), area=row.area, payload={"role": row.role_id},
                   reason=reason)
        end_access(log, row.user_id, "roles")


def deactivate(*, actor: Actor, now: datetime, user_id: UUID | str, reason: str) -> None:
    """Closes the account; its history stays. Sessions, streams and keys for programs end."""
    reason, user = _reason(reason), _own(actor, user_id)
    if str(user.id) == actor.id:
        raise Refused(_("You cannot close your own account."))
    with writing(actor=actor, now=now) as log:
        close_account(log, user.id, reason)


def close_account(log: Log, user_id: UUID, reason: str) -> None:
    """In the transaction under way: the account, sessions, streams and keys for programs end. The caller has asked for
    its own permission. Raises Refused for the last administrator of an area."""
    for row in Grant.objects.select_related("role").filter(user=user_id):
        _keep_a_manager(row)
    User.objects.filter(id=user_id).update(is_active=False)
    Token.objects.filter(user=user_id).delete()
    log.append("user.deactivated", subject=("user", user_id), reason=reason)
    end_access(log, user_id, "deactivated")
    leaving.end_all(log, user_id)


def move_role(log: Log, user_id: UUID, role: str, old: str, new: str) -> None:
    """In the transaction under way: a role held in one area is held in another. What is open ends at once."""
    if Grant.objects.filter(user=user_id, role=role, area=old).delete()[0]:
        Grant.objects.get_or_create(user_id=user_id, role_id=role, area=new)
        log.append("role.revoked", subject=("user", user_id), area=old, payload={"role": role})
        log.append("role.granted", subject=("user", user_id), area=new, payload={"role": role})
        end_access(log, user_id, "roles")


def lend_role(log: Log, actor: Actor, user_id: UUID, role: str, area: str) -> bool:
    """In the transaction under way: gives a role that belongs to an office somebody takes over. False, and nothing
    done, where the actor may not lend it or the account has it already."""
    if not may_lend(actor, user_id, role, area):
        return False
    _row, fresh = Grant.objects.get_or_create(user_id=user_id, role_id=role, area=area)
    if fresh:
        log.append("role.granted", subject=("user", user_id), area=area, payload={"role": role})
        end_access(log, user_id, "roles", sessions=False)
    return fresh


def take_role(log: Log, user_id: UUID, role: str, area: str) -> None:
    """In the transaction under way: takes what was lent. What the person has open ends at once."""
    if Grant.objects.filter(user=user_id, role=role, area=area).delete()[0]:
        log.append("role.revoked", subject=("user", user_id), area=area, payload={"role": role})
        end_access(log, user_id, "roles")


def activate(*, actor: Actor, now: datetime, user_id: UUID | str, reason: str) -> None:
    reason, user = _reason(reason), _own(actor, user_id)
    with writing(actor=actor, now=now) as log:
        User.objects.filter(id=user.id).update(is_active=True)
        log.append("user.activated", subject=("user", user.id), reason=reason)


def set_look(*, user_id: UUID | str, **look: Any) -> None:
    """The person's own language or theme: no event, it concerns nobody else."""
    User.objects.filter(id=user_id).update(**look)


def first_administrator(*, now: datetime, username: str, password: str, name: str, area: str) -> User:
    """The account that an empty centre starts with. Refused as soon as there is any account."""
    if User.objects.exists():
        raise Conflict(_("There are accounts already; an administrator makes more."))
    _check_username(username)
    try:
        validate_password(password)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), field="password") from None
    with writing(actor=system("setup"), now=now) as log:
        user = User.objects.create_user(username, password, name=name)
        log.append("user.created", subject=("user", user.id))
        for role in ("admin", "auditor"):
            Grant.objects.create(user=user, role_id=role, area=area)
            log.append("role.granted", subject=("user", user.id), area=area, payload={"role": role})
    return user


def _check_username(username: str) -> None:
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError as error:
        raise Refused(error.messages[0], field="username") from None
    if User.objects.filter(username__iexact=username).exists():
        raise Conflict(_("This sign-in name is taken."), field="username")


def _reason(text: str) -> str:
    if not text.strip():
        raise Refused(_("Give the reason."), field="reason")
    return text.strip()


def _find(user_id: UUID | str) -> User:
    user = User.objects.filter(id=user_id).first()
    if user is None:
        raise Missing(_("There is no such account."))
    return user


def _own(actor: Actor, user_id: UUID | str) -> User:
    """The account, if every role it holds lies in the actor's areas: else resetting it would lend a wider one."""
    actor.require(MANAGE)
    user = _find(user_id)
    for area in Grant.objects.filter(user=user).values_list("area", flat=True):
        if not actor.may(MANAGE, area):
            raise Denied(MANAGE, area)
    return user


def _keep_a_manager(row: Grant) -> None:
    """Refuses to take the last account that can manage accounts where `row` holds."""
    if MANAGE in row.role.permissions and not other_managers(row):
        raise Refused(_("This is the last administrator here. Appoint another one first."), code="last_admin")
