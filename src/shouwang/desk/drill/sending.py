"""Passes the positions of played crews to the live process, like any phone."""

from __future__ import annotations

import json
import logging
import os
import ssl
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from shouwang.desk.log import facts as log
from shouwang.tables.live import Ticket, sign_ticket
from shouwang.tables.live.tickets import ANY_UNIT, LIFE_S

from .facts import DRILL

ADDRESS = "SHOUWANG_WIRE"  # told by the supervisor: http://127.0.0.1:8000
TIMEOUT_S = 5.0


class Line:
    """A kept connection to POST /positions, with a ticket for many units."""

    def __init__(self) -> None:
        self._connection: HTTPConnection | None = None
        self._ticket = ("", 0.0)

    def send(self, positions: list[dict[str, Any]]) -> None:
        """Sends positions; what is lost is sent anew within seconds, so that a failure only costs a line."""
        address = os.environ.get(ADDRESS, "")
        if not address:
            return
        body = json.dumps({"positions": positions})
        try:
            connection = self._connection or _connect(address)
            self._connection = connection
            heads = {"Authorization": f"Bearer {self._fresh(timezone.now())}", "Content-Type": "application/json"}
            connection.request("POST", "/positions", body, heads)
            answer = connection.getresponse()
            answer.read()
        except (OSError, HTTPException) as error:
            self._drop()
            logging.getLogger("shouwang.replay").warning("positions: %s: %s", type(error).__name__, error)
            return
        if answer.status != 200:
            self._ticket = ("", 0.0)

    def _fresh(self, now: datetime) -> str:
        text, until = self._ticket
        if now.timestamp() > until - 30:
            until = now.timestamp() + LIFE_S
            text = sign_ticket(settings.CONFIG.data, Ticket(DRILL, until, log.head(), {}, ANY_UNIT))
            self._ticket = (text, until)
        return text

    def _drop(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None


def _connect(address: str) -> HTTPConnection:
    """To this machine alone, whatever name the certificate bears."""
    parts = urlsplit(address)
    if parts.scheme == "https":
        context = ssl._create_unverified_context()  # noqa: S323 - our own process on this machine
        return HTTPSConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_S, context=context)
    return HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
