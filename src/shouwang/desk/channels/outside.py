"""The ways in and out that lie outside: a mailbox, mail servers, carriers of text messages. Which ones a centre has
stands in the environment, for they hold passwords:

SHOUWANG_MAIL_IN   imaps://USER:PASSWORD@HOST[:PORT]/FOLDER, imap:// on this machine's own net, or maildir:///PATH
SHOUWANG_MAIL_OUT  smtps://USER:PASSWORD@HOST[:PORT]?from=ADDRESS, or smtp:// (with STARTTLS if ?tls=start)
SHOUWANG_SMS_OUT   https://… of the carrier's gateway, which is sent {"id", "to", "text"} signed as `signature` does
"""
from __future__ import annotations

import contextlib
import hashlib
import hmac
import html
import http.client
import imaplib
import json
import mailbox as boxes
import os
import re
import smtplib
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path
from typing import Protocol, Self
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

from django.conf import settings

from .terms import Incoming

WAIT_S = 20.0
MOST_B, AT_ONCE = 2 * 2**20, 50
TOO_OLD_S = 300  # how long a signature holds
SMS_KEY = "sms.key"


class Refusal(Exception):
    """The other side will not take it, now or later."""


class Unreachable(Exception):
    """It may work another time."""


class Carrier(Protocol):
    """A way out. `send` returns when the other side has taken it; `id` is the same at each try."""

    def send(self, *, id: UUID, to: str, text: str) -> None: ...


Carriers = Mapping[str, Carrier]


def carriers() -> Carriers:
    """The ways out that are set up, by channel."""
    found: dict[str, Carrier] = {}
    if address := os.environ.get("SHOUWANG_SMS_OUT"):
        found["sms"] = HttpCarrier(address)
    if address := os.environ.get("SHOUWANG_MAIL_OUT"):
        found["mail"] = SmtpCarrier(address)
    return found


# ---- text messages


def signature(secret: str, at: str, body: bytes) -> str:
    """HMAC-SHA256 of "seconds since 1970.body", hexadecimal."""
    return hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()


def signed(secret: str, at: str, body: bytes, given: str, now_s: float) -> bool:
    """Whether a message was signed with the secret, and not long ago."""
    fresh = at.isascii() and at.isdigit() and len(at) < 12 and abs(now_s - int(at)) <= TOO_OLD_S
    return fresh and hmac.compare_digest(signature(secret, at, body).encode(), given.lower().encode())


@dataclass(frozen=True)
class HttpCarrier:
    """A gateway that takes text messages over HTTP."""

    address: str

    def send(self, *, id: UUID, to: str, text: str) -> None:
        parts = urlsplit(self.address)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        body = json.dumps({"id": str(id), "to": to, "text": text}, ensure_ascii=False).encode()
        at = str(int(time.time()))
        headers = {"Content-Type": "application/json", "X-Shouwang-Time": at,
                   "X-Shouwang-Signature": signature(settings.CONFIG.secret(SMS_KEY), at, body)}
        line = kind(parts.hostname or "", parts.port, timeout=WAIT_S)
        try:
            line.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers)
            status = line.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(type(error).__name__) from error
        finally:
            line.close()
        if 400 <= status < 500 and status not in (408, 425, 429):
            raise Refusal(str(status))
        if status >= 300:
            raise Unreachable(str(status))


# ---- mail


@dataclass(frozen=True)
class SmtpCarrier:
    """A mail server that takes letters."""

    address: str

    def send(self, *, id: UUID, to: str, text: str) -> None:
        parts = urlsplit(self.address)
        query = parse_qs(parts.query)
        own = query.get("from", [unquote(parts.username or "")])[0]
        letter = EmailMessage(policy=policy.SMTP)
        try:
            letter["From"], letter["To"] = own, to
            letter["Subject"] = text.splitlines()[0][:60]
            letter["Message-ID"] = f"<{id}@{own.rpartition('@')[2] or 'localhost'}>"
            letter.set_content(text)
        except (ValueError, LookupError) as error:  # an address that is none
            raise Refusal(type(error).__name__) from error
        try:
            with _smtp(parts.scheme, parts.hostname or "", parts.port) as server:
                if query.get("tls") == ["start"]:
                    server.starttls(context=ssl.create_default_context())
                if parts.username:
                    server.login(unquote(parts.username), unquote(parts.password or ""))
                server.send_message(letter)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPNotSupportedError) as error:
            raise Refusal(type(error).__name__) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(type(error).__name__) from error


def _smtp(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=WAIT_S, context=ssl.create_default_context())
    return smtplib.SMTP(host, port or 25, timeout=WAIT_S)


@dataclass(frozen=True)
class Letter:
    """A letter as it lies in the box. `mark`: how the box knows it."""

    mark: str
    raw: bytes

    def read(self) -> Incoming:
        """What it says, without what is attached."""
        found = message_from_bytes(self.raw, policy=policy.default)
        body = found.get_body(preferencelist=("plain", "html"))
        text = str(body.get_content()) if body is not None else ""
        if body is not None and body.get_content_type() == "text/html":
            text = plain(text)
        subject = str(found.get("Subject", "")).strip()
        ref = hashlib.sha256(self.raw).hexdigest()  # not its Message-ID: whoever knew one could keep a letter out
        at = None
        with contextlib.suppress(TypeError, ValueError, IndexError):
            at = parsedate_to_datetime(str(found["Date"])) if found["Date"] else None
        sender = parseaddr(str(found.get("Reply-To") or found.get("From", "")))[1]
        return Incoming("mail", ref, f"{subject}\n\n{text}".strip(), sender=sender,
                        at=at if at and at.tzinfo else None, left_out=sum(1 for _one in found.iter_attachments()))


def plain(markup: str) -> str:
    """The words of an HTML letter."""
    text = re.sub(r"(?is)<(script|style|head)\b.*?</\1\s*>|<!--.*?-->", " ", markup)
    text = re.sub(r"(?i)<(?:br|/p|/div|/tr|/li)\b[^>]*>", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+", " ", html.unescape(re.sub(r"<[^>]*>", " ", text)))).strip()


class Mailbox(Protocol):
    """Where letters come from. One that is marked as done is not given again."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...
    def unread(self) -> Iterator[Letter]: ...
    def done(self, letter: Letter) -> None: ...


def mailbox() -> Mailbox | None:
    """The centre's mailbox, None where none is set up."""
    address = os.environ.get("SHOUWANG_MAIL_IN", "")
    if not address:
        return None
    return Maildir(Path(unquote(urlsplit(address).path))) if address.startswith("maildir:") else Imap(address)


class Maildir:
    """A folder into which the mail server of this machine delivers."""

    def __init__(self, path: Path) -> None:
        self._box = boxes.Maildir(path, create=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._box.close()

    def unread(self) -> Iterator[Letter]:
        for mark in sorted(self._box.keys())[:AT_ONCE * 20]:
            message = self._box.get_message(mark)
            if "S" not in message.get_flags():
                yield Letter(mark, self._box.get_bytes(mark)[:MOST_B])

    def done(self, letter: Letter) -> None:
        message = self._box.get_message(letter.mark)
        message.set_subdir("cur")
        message.add_flag("S")
        self._box[letter.mark] = message


class Imap:
    """A folder on a mail server (RFC 3501), by the standard library. What is read there by hand is not taken in."""

    def __init__(self, address: str) -> None:
        self._parts = urlsplit(address)
        self._line: imaplib.IMAP4

    def __enter__(self) -> Self:
        host, port = self._parts.hostname or "", self._parts.port
        self._line = imaplib.IMAP4(host, port or 143, timeout=WAIT_S) if self._parts.scheme == "imap" else \
            imaplib.IMAP4_SSL(host, port or 993, timeout=WAIT_S, ssl_context=ssl.create_default_context())
        self._line.login(unquote(self._parts.username or ""), unquote(self._parts.password or ""))
        self._line.select(f'"{unquote(self._parts.path.strip("/")) or "INBOX"}"')
        return self

    def __exit__(self, *error: object) -> None:
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            self._line.logout()

    def unread(self) -> Iterator[Letter]:
        _word, found = self._line.uid("SEARCH", "UNSEEN")
        for mark in (found[0] or b"").split()[:AT_ONCE]:
            _word, parts = self._line.uid("FETCH", mark.decode(), f"(BODY.PEEK[]<0.{MOST_B}>)")
            raw = next((part[1] for part in parts if isinstance(part, tuple)), b"")
            yield Letter(mark.decode(), bytes(raw))

    def done(self, letter: Letter) -> None:
        self._line.uid("STORE", letter.mark, "+FLAGS", r"(\Seen)")
