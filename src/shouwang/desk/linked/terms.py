"""The words of tasks of linked agencies."""

from __future__ import annotations

ENDED = ("confirmed", "withdrawn")
BY_AGENCY = ("l_ack", "l_go", "l_scene", "l_done", "l_refuse")  # in the order of its buttons
WORDS = {"l_refuse": "reason", "l_withdraw": "reason", "l_done": "result"}  # moves that need words
