"""What a resident's phone sends without an account, with the proof of work."""

from __future__ import annotations

import hashlib
import itertools
import json
from typing import Any

from django.test import Client

BITS = 8  # of work in tests


def post(path: str, body: Any, address: str = "10.0.0.1") -> Any:
    return Client(REMOTE_ADDR=address).post(path, json.dumps(body), content_type="application/json",
                                            headers={"Accept": "application/json"})


def solved() -> dict[str, Any]:
    """The proof of one report's work, asked for and done."""
    puzzle = post("/r/puzzle/", {}).json()
    counter = next(n for n in itertools.count() if int.from_bytes(
        hashlib.sha256(f"{puzzle['token']}:{n}".encode()).digest()) >> (256 - puzzle["bits"]) == 0)
    return {"id": puzzle["id"], "token": puzzle["token"], "counter": counter}
