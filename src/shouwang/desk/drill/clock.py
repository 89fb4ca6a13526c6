"""The replay's clock: real moments into moments of the past day and back. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Clock:
    """It read `at` at the real moment `set_at` and runs `pace` times as fast; a paused one stands still."""

    at: datetime
    set_at: datetime
    pace: float
    running: bool

    def read(self, now: datetime) -> datetime:
        return self.at + (now - self.set_at) * self.pace if self.running else self.at

    def real(self, moment: datetime, *, latest: datetime) -> datetime:
        """The real moment at which the clock showed `moment`, at most `latest`."""
        return min(latest, self.set_at + max(moment - self.at, timedelta(0)) / self.pace)
