"""Keys for programs: `Authorization: Bearer shw_…`. Only the hash is kept; a key holds its owner's grants of
the moment."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.writing import writing

from .models import Token, User

PREFIX = "shw_"
LONGEST_DAYS = 366
SEEN_EVERY_S = 60  # how often "last used" is written: not on each request


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def make_token(*, actor: Actor, now: datetime, name: str, days: int) -> str:
    """A new key for the actor's own programs. The return value is the only place where it is ever readable."""
    if not name.strip():
        raise Refused(_("Name the program that will use the key."), field="name")
    if not 1 <= days <= LONGEST_DAYS:
        raise Refused(_("A key lives 1 to %(days)s days.") % {"days": LONGEST_DAYS}, field="days")
    secret = PREFIX + secrets.token_urlsafe(32)
    with writing(actor=actor, now=now) as log:
        token = Token.objects.create(
            user=User.objects.get(id=actor.id),
            name=name.strip()[:60],
            hash=hashed(secret),
            made_at=now,
            expires_at=now + timedelta(days=days),
        )
        log.append("token.made", subject=("user", actor.id), payload={"token": str(token.id), "days": days})
    return secret


def drop_token(*, actor: Actor, now: datetime, token_id: str) -> None:
    with writing(actor=actor, now=now) as log:
        gone, _rows = Token.objects.filter(id=token_id, user_id=actor.id).delete()
        if not gone:
            raise Missing(_("There is no such key."), code="token")
        log.append("token.dropped", subject=("user", actor.id), payload={"token": str(token_id)})
        log.append("access.ended", subject=("user", actor.id), payload={"why": "token"})


class TokenAuth(HttpBearer):  # type: ignore[misc]
    """Signs a request in by its key; no session, so no CSRF check is needed."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        now = timezone.now()
        found = (
            Token.objects.select_related("user")
            .filter(hash=hashed(token), expires_at__gt=now, user__is_active=True)
            .first()
        )
        if found is None:
            return None
        if found.used_at is None or (now - found.used_at).total_seconds() > SEEN_EVERY_S:
            Token.objects.filter(id=found.id).update(used_at=now)
        request.user = found.user
        return found.user
