"""The worker's part: makes the roster that waits longest, shows better ones as they come, and stops when told."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from time import monotonic

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shouwang.desk.log.actor import system
from shouwang.desk.log.errors import Refused
from shouwang.desk.workflow import work
from shouwang.desk.workflow.settings import get as setting
from shouwang.engine.errors import ShouwangError

from . import actions
from .advice import solving
from .models import Roster

STEPS: Mapping[str, str | Promise] = {
    "": _("Waiting for the worker"),
    "first": _("Looking for a roster that keeps all rules"),
    "better": _("Looking for better ones"),
    "why": _("No roster keeps all rules. Finding out which ones conflict"),
}
CENTRE = system("rosters")
LOOK_S = 0.5  # how often the search is looked at


def run_one(now: datetime) -> bool:
    """Makes the oldest roster there is. False when there was nothing to do."""
    roster = work.take(Roster, now, fail=lambda dead, why: _end(dead, "failed", error=why))
    if roster is None:
        return False
    until = solving.Until(float(setting("roster_limit_s")))
    try:
        made = _watched(roster, until)
    except (ShouwangError, Refused) as error:
        _end(roster, "failed", error=str(error)[:500])
    else:
        stopped = until.said.is_set() and not made.rows
        _end(roster, "cancelled" if stopped else "done", made=made)
    return True


def _watched(roster: Roster, until: solving.Until) -> solving.Made:
    """Searches in a thread that touches no row, while this one writes what comes and looks whether to stop."""
    newest: list[solving.Made] = []
    steps = ["first"]
    tell, began, limit_s = work.teller(roster), monotonic(), until.remaining_s()
    with ThreadPoolExecutor(1, "roster") as pool:
        going: Future[solving.Made] = pool.submit(solving.make, roster.given, until, newest.append, steps.append)
        try:
            while not wait([going], LOOK_S).done:
                if newest:
                    actions.better(roster, newest[-1])
                    newest.clear()
                    steps.append("better")
                tell(steps[-1], (monotonic() - began) / limit_s)
        except work.Cancelled:
            pass
        finally:
            if not going.done():
                until.said.set()
        return going.result()


def _end(roster: Roster, state: str, *, made: solving.Made | None = None, error: str = "") -> None:
    actions.end(actor=CENTRE, now=timezone.now(), roster=roster, state=state, made=made, error=error)
