"""Every way in and out is an event: sign-in, failure, lockout, sign-out, a changed password or second factor."""
from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest
from django.utils import timezone

from shouwang.desk.log.actor import Actor, system
from shouwang.desk.log.writing import writing

from .models import User
from .sessions import end_access


def listen() -> None:
    user_logged_in.connect(_came, dispatch_uid="people.came")
    user_logged_out.connect(_left, dispatch_uid="people.left")
    user_login_failed.connect(_failed, dispatch_uid="people.failed")
    user_locked_out.connect(_locked, dispatch_uid="people.locked")
    password_changed.connect(_password, dispatch_uid="people.password")
    for signal in (authenticator_added, authenticator_removed, authenticator_reset):
        signal.connect(_factor, dispatch_uid=f"people.factor.{id(signal)}")


def username_of(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str:
    """The name a sign-in was tried with, for counting failures: forms call it login, backends username."""
    given = credentials or {}
    return str(given.get("username") or given.get("login") or (request.POST.get("login", "") if request else ""))


def _note(kind: str, user: Any, **payload: Any) -> None:
    actor = Actor(id=str(user.id), name=user.name) if user else system("sign-in")
    with writing(actor=actor, now=timezone.now()) as log:
        log.append(kind, subject=("user", user.id if user else "unknown"), payload=payload)


def _came(sender: Any, request: HttpRequest, user: User, **rest: Any) -> None:
    _note("auth.signed_in", user)


def _left(sender: Any, request: HttpRequest, user: User | None, **rest: Any) -> None:
    if user is None:
        return
    with writing(actor=Actor(id=str(user.id), name=user.name), now=timezone.now()) as log:
        log.append("auth.signed_out", subject=("user", user.id))
        end_access(log, user.id, "signed out", sessions=False)  # other devices stay signed in, their streams come back


def _failed(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **rest: Any) -> None:
    """The name as typed is not kept: people type passwords there."""
    known = User.objects.filter(username=username_of(request, credentials)).first()
    with writing(actor=system("sign-in"), now=timezone.now()) as log:
        log.append("auth.failed", subject=("user", known.id if known else "unknown"))


def _locked(sender: Any, request: HttpRequest, username: str | None = None, **rest: Any) -> None:
    known = User.objects.filter(username=username or "").first()
    with writing(actor=system("sign-in"), now=timezone.now()) as log:
        log.append("auth.locked", subject=("user", known.id if known else "unknown"))


def _password(sender: Any, request: HttpRequest, user: User, **rest: Any) -> None:
    User.objects.filter(id=user.id).update(password_given=False)
    _note("auth.password_changed", user)


def _factor(sender: Any, request: HttpRequest, user: User, **rest: Any) -> None:
    authenticator = rest.get("authenticator")
    _note("auth.factor_changed", user, type=str(getattr(authenticator, "type", "")))
