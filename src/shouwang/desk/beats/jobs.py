"""The worker's part: makes the proposal that waits longest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shouwang.desk.workflow.work import Tell

from .advice import dividing
from .facts import ROOM
from .models import Proposal


def run_one(now: datetime) -> bool:
    """False when there was nothing to do."""
    return ROOM.run_one(now, make)


def make(proposal: Proposal, tell: Tell) -> dict[str, Any]:
    return dividing.make(proposal.given, tell)
