"""Turns changed between members: asked, accepted by the other, approved by a leader, and legal at each step. A shift
that nobody has is open to whoever may take it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.writing import Log, writing

from .. import facts
from ..advice import changing
from ..facts import EDIT, SEE
from ..models import Roster, Swap, Turn
from ..seating import seat
from ..terms import RULES, Question
from .common import roster_of, shift_starts, turn, void_swaps

ENDED = {"declined": "roster.swap_declined", "withdrawn": "roster.swap_withdrawn", "refused": "roster.swap_refused"}
UNDER_WAY = ("asked", "accepted")


def ask_swap(*, actor: Actor, now: datetime, id: UUID, day: date, other: str = "", other_day: date | None = None
             ) -> Swap:  # fmt: skip
    """The actor wants to be rid of the turn of a day: `other` takes it over (empty: whoever will), or gives the turn of
    `other_day` for it. The same id again is a retry."""
    if (kept := Swap.objects.filter(id=id).first()) is not None:
        return _mine(actor, kept)
    own = Turn.objects.filter(user=actor.id, day=day).select_related("roster").first()
    if own is None:
        raise Missing(_("You have no turn on this day."), code="turn")
    if own.start <= now:
        raise Refused(_("This turn has begun."), field="day", code="begun")
    theirs = None
    if other_day is not None:
        theirs = Turn.objects.filter(user=other, day=other_day, roster=own.roster).first() if other else None
        if theirs is None or theirs.start <= now:
            raise Refused(_("The other has no turn to come on this day."), field="other_day", code="turn")
    swap = Swap(
        id=id, roster=own.roster, kind="give" if theirs is None else "swap", user=actor.id, day=day, shift=own.shift,
        service=own.service, other=other or None, other_day=other_day, other_shift=theirs.shift if theirs else "",
        made_by=actor.id, made_at=now,
    )  # fmt: skip
    if other:
        _legal(swap)
    try:
        with writing(actor=actor, now=now) as log:
            swap.save(force_insert=True)
            _tell(log, swap, "roster.swap_asked")
    except IntegrityError as error:
        raise Conflict(_("This turn is offered already: withdraw that first."), code="twice") from error
    return swap


def open_shift(*, actor: Actor, now: datetime, id: UUID, roster_id: UUID | str, day: date, shift: str, service: str
               ) -> Swap:  # fmt: skip
    """Opens a shift of a published roster to whoever of the service may take it. The same id again is a retry."""
    roster = roster_of(actor, roster_id, EDIT)
    if (kept := Swap.objects.filter(id=id, roster=roster).first()) is not None:
        return kept
    if roster.published_at is None:
        raise Conflict(_("It is not published."), code="state")
    number = changing.number_of(roster.given, shift)
    if number is None:
        raise Refused(_("Choose a shift of the roster."), field="shift", code="shift")
    if service not in {one["kind"] for one in roster.given["people"]}:
        raise Refused(_("Nobody on this roster counts for that service."), field="service", code="service")
    if not roster.first <= day < roster.first + timedelta(days=roster.days):
        raise Refused(_("This day is not on the roster."), field="day", code="day")
    if turn(roster, next(iter(roster.rows)), day, number).start <= now:
        raise Refused(_("This shift has begun."), field="day", code="begun")
    with writing(actor=actor, now=now) as log:
        swap = Swap.objects.create(id=id, roster=roster, kind="open", day=day, shift=shift, service=service,
                                   made_by=actor.id, made_at=now)  # fmt: skip
        _tell(log, swap, "roster.shift_opened")
    return swap


def accept(*, actor: Actor, now: datetime, swap_id: UUID | str) -> Swap:
    """The actor takes what was offered. An open shift is theirs at once; a swap then waits for a leader."""
    swap = _found(swap_id)
    if swap.other is not None and str(swap.other) != actor.id:
        raise Missing(_("There is no such swap for you."), code="swap")
    if swap.state in ("accepted", "done") and str(swap.other) == actor.id:
        return swap
    swap.other = UUID(actor.id)
    if not facts.counts_for(swap.roster, actor.id, swap.service) or str(swap.user) == actor.id:
        raise Missing(_("There is no such swap for you."), code="swap")
    _not_begun(swap, now)
    made = _legal(swap)
    with writing(actor=actor, now=now) as log:
        state = "done" if swap.kind == "open" else "accepted"
        if not Swap.objects.filter(id=swap.id, state="asked").update(state=state, other=swap.other, answered_at=now):
            raise Conflict(_("Somebody else was first. Look again."), code="state")
        if state == "done":
            _apply(swap, made)
        _tell(log, swap, "roster.shift_taken" if state == "done" else "roster.swap_accepted")
    swap.refresh_from_db()
    return swap


def decline(*, actor: Actor, now: datetime, swap_id: UUID | str) -> Swap:
    """The other does not want it."""
    swap = _found(swap_id)
    if swap.other is None or str(swap.other) != actor.id:
        raise Missing(_("There is no such swap for you."), code="swap")
    return _end(actor, now, swap, "declined", answered_at=now)


def withdraw_swap(*, actor: Actor, now: datetime, swap_id: UUID | str) -> Swap:
    """Who asked no longer wants it; an open shift is closed by who may edit the roster."""
    swap = _found(swap_id)
    leads = swap.kind == "open" and actor.may(EDIT, swap.roster.area)
    if str(swap.user or "") != actor.id and not leads:
        raise Missing(_("There is no such swap for you."), code="swap")
    return _end(actor, now, swap, "withdrawn")


def approve_swap(*, actor: Actor, now: datetime, swap_id: UUID | str) -> Swap:
    """A leader lets it happen: turns change hands, if every rule is still kept."""
    swap = _to_decide(actor, swap_id)
    if swap.state == "done":
        return swap
    if swap.state != "accepted":
        raise Conflict(_("The other has not accepted it."), code="state")
    _not_begun(swap, now)
    made = _legal(swap)
    with writing(actor=actor, now=now) as log:
        if not Swap.objects.filter(id=swap.id, state="accepted").update(state="done", decided_by=actor.id,
                                                                         decided_at=now):  # fmt: skip
            raise Conflict(_("It has been changed meanwhile. Look at it again."), code="state")
        _apply(swap, made)
        _tell(log, swap, "roster.swap_approved")
    swap.refresh_from_db()
    return swap


def refuse_swap(*, actor: Actor, now: datetime, swap_id: UUID | str) -> Swap:
    """A leader does not let it happen."""
    return _end(actor, now, _to_decide(actor, swap_id), "refused", decided_by=actor.id, decided_at=now)


def _found(swap_id: UUID | str) -> Swap:
    swap = Swap.objects.select_related("roster").filter(id=swap_id).first()
    if swap is None:
        raise Missing(_("There is no such swap for you."), code="swap")
    return swap


def _mine(actor: Actor, swap: Swap) -> Swap:
    if str(swap.user) != actor.id:
        raise Missing(_("There is no such swap for you."), code="swap")
    return swap


def _to_decide(actor: Actor, swap_id: UUID | str) -> Swap:
    swap = _found(swap_id)
    if not any(actor.may(p, swap.roster.area) for p in SEE):
        raise Missing(_("There is no such swap in your areas."), code="swap")
    if actor.id in (str(swap.user), str(swap.other)):
        raise Refused(_("Somebody else has to do this: it is about you."), code="self")
    return swap


def _not_begun(swap: Swap, now: datetime) -> None:
    number = changing.number_of(swap.roster.given, swap.shift) or 0
    starts = [turn(swap.roster, next(iter(swap.roster.rows)), swap.day, number).start]
    if swap.other and swap.other_day is not None:
        starts += Turn.objects.filter(user=swap.other, day=swap.other_day).values_list("start", flat=True)
    if min(starts) <= now:
        raise Conflict(_("This turn has begun."), code="begun")


def _legal(swap: Swap) -> changing.Changed:
    """The roster as the swap makes it. Raises Refused with the rule that it would break."""
    made = changing.swapped(swap.roster, swap)
    if made.broken:
        says = _("That would break a rule: %(rule)s.") % {"rule": RULES.get(made.broken[0], made.broken[0])}
        raise Refused(says, field="other", code=made.broken[0])
    return made


def _apply(swap: Swap, made: changing.Changed) -> None:
    """Rows and turns change together; what else was asked about these turns ends."""
    put(swap.roster, made.rows, made.touched)


def put(roster: Roster, rows: dict[str, list[int]], touched: Sequence[tuple[str, date]]) -> None:
    """Other rows of a published roster: the turns of these members and days follow. In the transaction under way."""
    if not Roster.objects.filter(id=roster.id, version=roster.version, published_at__isnull=False).update(
        rows=rows, version=F("version") + 1
    ):
        raise Conflict(_("The roster has changed since you looked at it. Look again."), code="version")
    made = []
    for user, day in touched:
        Turn.objects.filter(roster=roster, user=user, day=day).delete()
        if (number := rows[user][(day - roster.first).days]) >= 0:
            made.append(turn(roster, user, day, number))
    span = {t.day - timedelta(days=n) for t in made for n in (0, 1)}  # a turn after midnight goes with the watch before
    seat(made, Turn.objects.filter(roster=roster, day__in=span), Question.read(roster.asked), shift_starts(roster))
    Turn.objects.bulk_create(made)
    void_swaps(roster, touched)


def _end(actor: Actor, now: datetime, swap: Swap, state: str, **values: object) -> Swap:
    with writing(actor=actor, now=now) as log:
        if swap.state == state:
            return swap
        if not Swap.objects.filter(id=swap.id, state__in=UNDER_WAY).update(state=state, **values):
            raise Conflict(_("It has been changed meanwhile. Look at it again."), code="state")
        _tell(log, swap, ENDED[state])
    swap.refresh_from_db()
    return swap


def _tell(log: Log, swap: Swap, kind: str) -> None:
    log.append(kind, subject=("roster", swap.roster_id), area=swap.roster.area, may=EDIT,
               payload={"swap": str(swap.id), "day": swap.day.isoformat()})
