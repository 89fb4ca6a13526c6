"""How a time stands that ends: in words, and how much of it is spent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


@dataclass(frozen=True)
class Clock:
    """How a time stands. how: ok, near, late, still (stopped), none; share: tenths of it that are spent."""

    how: str
    words: str
    share: int
    at: datetime | None
    guessed: int | None = None  # the year whose holidays the calendar does not know


def clock(since: datetime, due: datetime | None, warn: datetime | None, now: datetime, *, stopped: bool = False,
          guessed: int | None = None) -> Clock:
    """Of a time from `since` to `due`, nearly over from `warn` on; of one that is `stopped`, when it is looked at."""
    if due is None:
        return Clock("none", "", 0, None)
    left = due - now
    share = max(1, min(10, round((now - since) / max(due - since, timedelta(seconds=1)) * 10)))
    if stopped:
        return Clock("still", _("look again %(day)s") % {"day": f"{localtime(due):%m-%d}"}, 1, due, guessed)
    if left <= timedelta(0):
        return Clock("late", _("late by %(span)s") % {"span": span(-left)}, 10, due, guessed)
    words = _("%(span)s left") % {"span": span(left)}
    return Clock("near" if warn is not None and now >= warn else "ok", words, share, due, guessed)


def span(of: timedelta) -> str:
    """1 h 38 min, 2 days: in words, so that minutes and hours are never confused."""
    minutes = int(of.total_seconds() // 60)
    if minutes < 60:
        return _("%(n)s min") % {"n": max(1, minutes)}
    if minutes < 24 * 60:
        return _("%(h)s h %(m)s min") % {"h": minutes // 60, "m": minutes % 60}
    days = round(minutes / 1440)
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
