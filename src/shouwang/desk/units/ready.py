"""Who may not go on duty, and why: rooms above, such as that of the brigades, add their rules here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from shouwang.desk.log.errors import Refused

Rule = Callable[[str, datetime], str]  # a user's id and now → what stands against it, "" for nothing
_rules: list[Rule] = []


def add(rule: Rule) -> None:
    if rule not in _rules:
        _rules.append(rule)


def require(user_id: str, now: datetime) -> None:
    """Raises Refused with the first rule's reason."""
    for rule in _rules:
        if says := rule(user_id, now):
            raise Refused(says, field="user", code="not_ready")
