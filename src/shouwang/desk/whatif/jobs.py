"""The worker's part: plays the comparison that waits longest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shouwang.desk.workflow.work import Tell

from .advice import playing
from .facts import ROOM
from .models import Study


def run_one(now: datetime) -> bool:
    """False when there was nothing to do."""
    return ROOM.run_one(now, play)


def play(study: Study, tell: Tell) -> dict[str, Any]:
    return playing.play(study.area, study.given, tell)
