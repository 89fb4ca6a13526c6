"""What comes in beside the telephone form, as plain values, and the words for fixed choices."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Label = str | Promise

TAKE, SEE, REVEAL, FEEDBACK = "call.take", "call.view", "call.reveal", "call.callback"

CHANNELS: Mapping[str, Label] = {"web": _("Web page"), "sms": _("Text message"), "mail": _("Mail")}
ITEM_STATES: Mapping[str, Label] = {
    "waiting": _("Waits for somebody"), "claimed": _("Taken in hand"), "call": _("Became a call"),
    "attached": _("Attached to a call"), "matter": _("Became a matter"), "closed": _("Settled without a call"),
}
ITEM_OPEN = ("waiting", "claimed")
REASONS: Mapping[str, Label] = {  # why an item needs no call
    "answered": _("Replied to"), "not_for_us": _("Nothing for this centre"), "twice": _("Came in twice"),
    "spam": _("Advertising"), "empty": _("Says nothing"), "test": _("A trial"),
}
REPLY_STATES: Mapping[str, Label] = {
    "queued": _("Waits to be sent"), "sent": _("Sent off"), "failed": _("Could not be sent"),
}
FAULTS: Mapping[str, Label] = {
    "": "", "no_way": _("no way out is set up for this channel"), "refused": _("the other side refused it"),
    "unreachable": _("the other side could not be reached"), "no_sender": _("the sender left no address"),
}
RING_STATES: Mapping[str, Label] = {
    "ringing": _("Rings"), "answered": _("Picked up"), "missed": _("Missed"), "unknown": _("Not known: line lost"),
}
BACK_STATES: Mapping[str, Label] = {  # what became of a missed call
    "due": _("To be called back"), "claimed": _("Taken in hand"), "done": _("Reached"),
    "again": _("Rang again, missed again"), "through": _("Has got through since"), "over": _("Not reached in time"),
    "withheld": _("Number withheld: nobody to call back"),
}
BACK_RESULTS: Mapping[str, Label] = {"done": _("Reached"), "no_answer": _("No answer, try again")}
VISIT_STATES: Mapping[str, Label] = {
    "due": _("To be called"), "claimed": _("Taken in hand"), "done": _("Rated"), "declined": _("Does not wish to rate"),
    "unreachable": _("Not reached"), "over": _("Too late"),
}
VISIT_OPEN = ("due", "claimed")
RATINGS: Mapping[int, Label] = {
    1: _("very dissatisfied"), 2: _("dissatisfied"), 3: _("neither"), 4: _("satisfied"), 5: _("very satisfied"),
}
WHYS: Mapping[str, Label] = {  # what a rating rests on: about the work, never about anybody
    "quick": _("came quickly"), "slow": _("took long"), "solved": _("problem solved"), "unsolved": _("not put right"),
    "told": _("well informed"), "untold": _("heard nothing more"), "manner": _("manner"), "other": _("something else"),
}


@dataclass(frozen=True)
class Incoming:
    """Something that came in. `ref`: the sender's own number of it; the same one again is no second item. Degrees
    (WGS 84), None where no place was given. `left_out`: attachments that are not kept."""

    channel: str
    ref: str
    words: str
    sender: str = ""
    type: str = ""
    lon: float | None = None
    lat: float | None = None
    place: str = ""
    left_out: int = 0
    id: UUID | None = None
    at: datetime | None = None
