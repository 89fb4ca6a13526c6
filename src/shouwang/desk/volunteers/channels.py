"""How a message leaves the centre. A channel is small: it sends one letter, or says by a code why it could not.

Two are shipped: a file that a gateway (SMS, a works messenger) picks up line by line, and e-mail over SMTP. A centre
adds its own by `register` from an app of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KEPT = timedelta(days=1)  # a day's file is deleted a day after
FAULTS: dict[str, str | Promise] = {"refused": _("the address was refused"), "unreachable": _("no connection"),
                                    "disk": _("the file could not be written"), "gone": _("they have withdrawn")}


@dataclass(frozen=True)
class Letter:
    """One message. `id`: by which a receiver knows one that comes twice."""

    id: UUID
    to: str
    subject: str
    text: str
    at: datetime


class Undelivered(Exception):
    """It was not taken. `fault`: one of FAULTS; `again`: whether another try may help."""

    def __init__(self, fault: str, *, again: bool = True) -> None:
        super().__init__(fault)
        self.fault, self.again = fault, again


class Channel(Protocol):
    def send(self, letter: Letter) -> None:
        """Raises Undelivered."""
        ...


class File:
    """One line of JSON for each letter, in DATA/outbox/YYYY-MM-DD.jsonl (0600), for a gateway to take along."""

    def send(self, letter: Letter) -> None:
        line = json.dumps({"id": str(letter.id), "at": letter.at.isoformat(), "to": letter.to, "text": letter.text},
                          ensure_ascii=False)
        path = folder() / f"{letter.at:%Y-%m-%d}.jsonl"
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError:
            raise Undelivered("disk") from None


class Email:
    """By Django's SMTP client (SHOUWANG_SMTP)."""

    def send(self, letter: Letter) -> None:
        mail = EmailMessage(letter.subject, letter.text, to=[letter.to],
                            headers={"Message-ID": f"<{letter.id}@shouwang>"})
        try:
            mail.send()
        except SMTPRecipientsRefused:
            raise Undelivered("refused", again=False) from None
        except (SMTPServerDisconnected, OSError):
            raise Undelivered("unreachable") from None
        except (SMTPException, ValueError):
            raise Undelivered("refused") from None


_made: dict[str, Callable[[], Channel]] = {
    "phone": File, "email": lambda: Email() if settings.CONFIG.smtp else File()}


def register(kind: str, make: Callable[[], Channel]) -> None:
    """`kind`: phone, email. `make` is called once for each run of the worker."""
    _made[kind] = make


def channel(kind: str) -> Channel:
    return _made[kind]()


def folder() -> Path:
    return settings.CONFIG.data / "outbox"


def drop_old(now: datetime) -> int:
    """Deletes what a gateway has had a day's time to take."""
    old = [p for p in folder().glob("*.jsonl") if p.stem < f"{now - KEPT:%Y-%m-%d}"]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
