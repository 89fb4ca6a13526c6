"""Rosters, leave and wishes, and one's own turns over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import SIGNED_IN, actor, opens
from shouwang.desk.log.posted import Posted
from shouwang.desk.workflow.zone import day_of

from . import actions, facts, pages
from .models import Entry, Presence, Roster, Swap
from .terms import (
    DAY_H,
    HOURS,
    MOST_BETWEEN,
    MOST_DAYS,
    MOST_NEEDED,
    MOST_PEOPLE,
    Between,
    ByHour,
    Chosen,
    Needed,
    Question,
    Together,
)  # fmt: skip

router = Router(tags=["rosters"])
PER_PAGE = 20
AREA = r"^[^\x00-\x1f]+$"
SHIFT = r"^([01]\d|2[0-3]):[0-5]\d$"


class ChosenIn(Posted):
    id: UUID = Field(description="Account of a member of a crew in the area")
    service: str = Field(min_length=1, max_length=16, pattern=AREA)


class NeededIn(Posted):
    service: str = Field(min_length=1, max_length=16, pattern=AREA)
    shift: str = Field(pattern=SHIFT, description="When a shift of this centre starts, as 07:00")
    weekdays: int = Field(ge=0, le=MOST_NEEDED, description="How many are on, Monday to Friday")
    weekends: int = Field(ge=0, le=MOST_NEEDED)


class TogetherIn(Posted):
    shift: str = Field(pattern=SHIFT)
    weekdays: int = Field(ge=0, le=MOST_NEEDED)
    weekends: int = Field(ge=0, le=MOST_NEEDED)
    kinds: list[str] = Field([], max_length=2, description="A pair: so many of each, as police and guard|volunteer")
    team: str = Field("", max_length=12, description="Or so many of this team, by its code")
    skill: str = Field("", max_length=16, description="Or so many who hold this skill on the day, as first_aid")


class ByHourIn(Posted):
    service: str = Field(min_length=1, max_length=16, pattern=AREA)
    weekdays: list[Annotated[int, Field(ge=0, le=MOST_NEEDED)]] = Field(
        min_length=DAY_H, max_length=DAY_H, description="How many are on in each hour from midnight, Monday to Friday")
    weekends: list[Annotated[int, Field(ge=0, le=MOST_NEEDED)]] = Field(min_length=DAY_H, max_length=DAY_H)


class BetweenIn(Posted):
    start: str = Field(pattern=SHIFT)
    hours: float = Field(ge=HOURS[0], le=HOURS[1])


class RosterIn(Posted):
    id: UUID = Field(description="Made by the client (UUIDv7): the same id again is a retry and gives the same row")
    area: str = Field(min_length=2, max_length=200, pattern=AREA, description="Path of the area")
    first: date
    days: int = Field(28, ge=1, le=MOST_DAYS)
    people: list[ChosenIn] = Field(min_length=1, max_length=MOST_PEOPLE)
    needs: list[NeededIn] = Field([], max_length=100, description="By shift")
    gaps: bool = Field(False, description="Meet needs in part where members are too few")
    together: list[TogetherIn] = Field([], max_length=200, description="Mixed pairs and teams, beside the needs")

    hours: list[ByHourIn] = Field([], max_length=20, description="By hour, of services that are not asked for by shift")
    between: list[BetweenIn] = Field([], max_length=MOST_BETWEEN, description="Duties that overlap the shifts")

    def question(self) -> Question:
        return Question(
            self.area, self.first, self.days, tuple(Chosen(str(p.id), p.service) for p in self.people),
            tuple(Needed(n.service, n.shift, n.weekdays, n.weekends) for n in self.needs), self.gaps,
            tuple(Together(t.shift, t.weekdays, t.weekends, tuple(t.kinds), t.team, t.skill)
                  for t in self.together),
            tuple(ByHour(n.service, tuple(n.weekdays), tuple(n.weekends)) for n in self.hours),
            tuple(Between(b.start, b.hours) for b in self.between),
        )  # fmt: skip


class RosterRow(Schema):
    id: UUID
    area: str
    first: date
    days: int
    state: str
    progress: float
    step: str
    error: str
    made_by: str
    made_at: datetime
    done_at: datetime | None
    version: int
    published_by: str
    published_at: datetime | None


class RosterOut(RosterRow):
    given: dict[str, Any] = Field(description="The question, as `shouwang roster solve` takes it")
    rows: dict[str, list[int]] = Field(description="By member the number of the shift of each day, -1 when off")
    figures: dict[str, Any] = Field(description="Status, objective, bound, gap, seconds; conflict where there is none")


class RostersOut(Schema):
    total: int
    page: int
    rows: list[RosterRow]


class Page(Schema):
    page: int = Field(1, ge=1, le=10_000)


class AgainIn(Posted):
    keep: bool = Field(False, description="Change as few days of members as possible")
    gaps: bool = Field(False, description="Allow gaps from now on")


class PublishIn(Posted):
    version: int = Field(ge=1, description="Of the roster that was looked at")


class EditIn(Posted):
    version: int = Field(ge=1, description="Of the roster that was looked at")
    user: UUID
    day: date
    shift: str = Field("", pattern=rf"^$|{SHIFT}", description="Empty: off")


class WithdrawIn(Posted):
    reason: str = Field(min_length=1, max_length=500)


class EntryIn(Posted):
    id: UUID
    area: str = Field(min_length=2, max_length=200, pattern=AREA)
    user: UUID
    kind: Literal["away", "no_nights", "no_overtime", "wish_off", "wish_on"]
    first: date
    last: date
    shift: str = Field("", pattern=rf"^$|{SHIFT}", description="Of a wish: this shift alone")


class WishIn(Posted):
    id: UUID = Field(description="Made by the client: the same id again is a retry")
    kind: Literal["wish_off", "wish_on"]
    first: date
    last: date
    shift: str = Field("", pattern=rf"^$|{SHIFT}", description="This shift alone; empty: any")


class EntryOut(EntryIn):
    made_by: str
    made_at: datetime


class Area(Schema):
    area: str = Field(min_length=2, max_length=200, pattern=AREA)


class SwapIn(Posted):
    id: UUID
    day: date = Field(description="Of the caller's own turn")
    other: UUID | None = Field(None, description="Who is to take it; empty: whoever will")
    other_day: date | None = Field(None, description="The other's turn that is taken for it; empty: none")


class SwapOut(Schema):
    id: UUID
    roster: UUID = Field(alias="roster_id")
    kind: str
    user: UUID | None
    day: date
    shift: str
    service: str
    other: UUID | None
    other_day: date | None
    other_shift: str
    state: str
    made_at: datetime
    decided_at: datetime | None


class OptionOut(Schema):
    user: UUID
    name: str
    day: date | None = Field(description="Whose turn of this day would be taken for it; none: it is only given away")
    shift: str


class OpenIn(Posted):
    id: UUID
    day: date
    shift: str = Field(pattern=SHIFT)
    service: str = Field(min_length=1, max_length=16, pattern=AREA)


class ReplanIn(Posted):
    id: UUID = Field(description="Of the change, made by the client")
    user: UUID = Field(description="Who cannot come")
    first: date
    last: date


class MoveOut(Schema):
    user: str
    day: date
    before: str
    after: str


class ClockIn(Posted):
    id: UUID
    place: str = Field(min_length=1, max_length=200, pattern=AREA, description="Path of an area or code of a post")


class ClockOffIn(Posted):
    place: str = Field("", max_length=200)


class PresenceOut(Schema):
    id: UUID
    area: str
    on_at: datetime
    on_place: str
    off_at: datetime | None
    off_place: str


class DayIn(Area):
    day: date


class AttendedOut(Schema):
    user: str
    name: str
    shift: str
    start: datetime
    end: datetime
    service: str
    came: str = Field(description="came, late, missed or due")
    on_at: datetime | None
    off_at: datetime | None
    place: str
    planned: str = Field(description="Where the turn is by the approved plan: the unit with its post and tour")
    beside: str = Field(description="Who goes out together with it")
    by_clock: bool = Field(description="Nobody clocked off: the clock ended it")


class DeskOut(Schema):
    area: str
    zh: str
    en: str
    here: int = Field(description="On duty at the desk now")
    since: datetime


class SharesOut(Schema):
    user: str
    name: str
    turns: int
    hours: float
    nights: int
    weekends: int
    holidays: int


class Shares(Area):
    months: int = Field(3, ge=1, le=12)


class TurnOut(Schema):
    day: date
    shift: str
    start: datetime
    end: datetime
    night: bool
    area: str
    unit: UUID | None = Field(description="With which the turn goes out")
    where: str = Field(description="The unit with its post and tour by the approved plan, or the office of a desk")
    beside: str = Field(description="Who goes out together with the caller")


class FeedOut(Schema):
    url: str = Field(description="Told this once: it opens the calendar without signing in. A new one ends it.")


@router.get("/rosters", response=RostersOut)
@opens(*facts.SEE)
def rosters(request: HttpRequest, wanted: Query[Page]) -> dict[str, Any]:
    """Rosters in the caller's areas, newest first."""
    found = facts.rosters(actor(request).areas(*facts.SEE))
    first = (wanted.page - 1) * PER_PAGE
    return {"total": found.count(), "page": wanted.page, "rows": list(found[first : first + PER_PAGE])}


@router.post("/rosters", response=RosterOut)
@opens(facts.EDIT)
def ask(request: HttpRequest, body: RosterIn) -> Roster:
    """Ask for a roster. The worker makes it and shows better ones as they come."""
    return actions.ask(actor=actor(request), now=timezone.now(), id=body.id, question=body.question())


@router.get("/rosters/mine", response=list[TurnOut])
@opens(SIGNED_IN)
def mine(request: HttpRequest) -> list[dict[str, Any]]:
    """The caller's own published turns that are not over."""
    rows = pages.turn_rows(facts.turns([actor(request).id], ends_after=timezone.now()))
    return [asdict(row["turn"]) | {"where": row["where"], "beside": row["beside"]} for row in rows]


@router.post("/rosters/feed", response=FeedOut)
@opens(SIGNED_IN)
def renew_feed(request: HttpRequest) -> dict[str, str]:
    """A new private calendar link of the caller's own; the one before opens nothing any more."""
    secret = actions.renew_feed(actor=actor(request), now=timezone.now())
    return {"url": request.build_absolute_uri(reverse("roster.calendar", args=[secret]))}


@router.delete("/rosters/feed", response={204: None})
@opens(SIGNED_IN)
def drop_feed(request: HttpRequest) -> Status[None]:
    """End the caller's calendar link."""
    actions.drop_feed(actor=actor(request), now=timezone.now())
    return Status(204, None)


@router.get("/rosters/entries", response=list[EntryOut])
@opens(facts.EDIT)
def entries(request: HttpRequest, wanted: Query[Area]) -> list[Entry]:
    """Leave, limits and wishes from today on, in one of the caller's areas."""
    who = actor(request)
    who.require(facts.EDIT, wanted.area)
    return list(facts.entries([wanted.area], day_of(timezone.now())))


@router.post("/rosters/entries", response=EntryOut)
@opens(facts.EDIT)
def enter(request: HttpRequest, body: EntryIn) -> Entry:
    """Enter leave, a limit or a wish of a member. Why is neither asked nor kept."""
    given = body.dict() | {"user": str(body.user)}
    return actions.enter(actor=actor(request), now=timezone.now(), **given)


@router.delete("/rosters/entries/{uuid:entry_id}", response={204: None})
@opens(facts.EDIT)
def strike(request: HttpRequest, entry_id: UUID) -> Status[None]:
    """Take an entry back."""
    actions.strike(actor=actor(request), now=timezone.now(), entry_id=entry_id)
    return Status(204, None)


@router.get("/rosters/wishes", response=list[WishIn])
@opens(SIGNED_IN)
def wishes(request: HttpRequest) -> list[Entry]:
    """Wishes that the caller entered for themselves, from today on."""
    return facts.wishes_of(actor(request).id, day_of(timezone.now()))


@router.post("/rosters/wishes", response=WishIn)
@opens(SIGNED_IN)
def wish(request: HttpRequest, body: WishIn) -> Entry:
    """Days on which the caller would rather be off or on. Rosters to come mind them where they can."""
    return actions.wish(actor=actor(request), now=timezone.now(), **body.dict())


@router.delete("/rosters/wishes/{uuid:entry_id}", response={204: None})
@opens(SIGNED_IN)
def unwish(request: HttpRequest, entry_id: UUID) -> Status[None]:
    """Take back a wish of the caller's own."""
    actions.unwish(actor=actor(request), now=timezone.now(), entry_id=entry_id)
    return Status(204, None)


@router.get("/rosters/{uuid:roster_id}", response=RosterOut)
@opens(*facts.SEE)
def roster(request: HttpRequest, roster_id: UUID) -> Roster:
    """One roster with its question and what came out so far."""
    found = facts.find(actor(request).areas(*facts.SEE), roster_id)
    if found is None:
        raise Missing(_("No such roster in your areas."), code="missing")
    return found


@router.post("/rosters/{uuid:roster_id}/again", response=RosterRow)
@opens(facts.EDIT)
def again(request: HttpRequest, roster_id: UUID, body: AgainIn) -> Roster:
    """Make it once more, with leave, wishes and rules as they are now."""
    return actions.again(actor=actor(request), now=timezone.now(), roster_id=roster_id, **body.dict())


@router.post("/rosters/{uuid:roster_id}/edit", response=RosterRow)
@opens(facts.EDIT)
def edit(request: HttpRequest, roster_id: UUID, body: EditIn) -> Roster:
    """Set a day of a member by hand, within the rules."""
    given = body.dict() | {"user": str(body.user)}
    return actions.edit(actor=actor(request), now=timezone.now(), roster_id=roster_id, **given)


@router.post("/rosters/{uuid:roster_id}/stop", response=RosterRow)
@opens(facts.EDIT)
def stop(request: HttpRequest, roster_id: UUID) -> Roster:
    """End the search; the best roster so far stays."""
    return actions.stop(actor=actor(request), now=timezone.now(), roster_id=roster_id)


@router.post("/rosters/{uuid:roster_id}/publish", response=RosterRow)
@opens(facts.APPROVE)
def publish(request: HttpRequest, roster_id: UUID, body: PublishIn) -> Roster:
    """Sign it off: each member gets their turns."""
    return actions.publish(actor=actor(request), now=timezone.now(), roster_id=roster_id, version=body.version)


@router.post("/rosters/{uuid:roster_id}/withdraw", response=RosterRow)
@opens(facts.APPROVE)
def withdraw(request: HttpRequest, roster_id: UUID, body: WithdrawIn) -> Roster:
    """Take a published roster back."""
    return actions.withdraw(actor=actor(request), now=timezone.now(), roster_id=roster_id, reason=body.reason)


@router.delete("/rosters/{uuid:roster_id}", response={204: None})
@opens(facts.EDIT)
def delete(request: HttpRequest, roster_id: UUID) -> Status[None]:
    """Delete a draft."""
    actions.delete(actor=actor(request), now=timezone.now(), roster_id=roster_id)
    return Status(204, None)


@router.post("/rosters/{uuid:roster_id}/replan", response=RosterRow)
@opens(facts.EDIT)
def replan(request: HttpRequest, roster_id: UUID, body: ReplanIn) -> Roster:
    """Somebody of a published roster cannot come: the days left, with as few changes as possible, as a draft."""
    given = body.dict() | {"user": str(body.user)}
    return actions.replan(actor=actor(request), now=timezone.now(), roster_id=roster_id, **given)


@router.get("/rosters/{uuid:roster_id}/moves", response=list[MoveOut])
@opens(*facts.SEE)
def moves(request: HttpRequest, roster_id: UUID) -> list[facts.Move]:
    """Who is asked to move by a change of a published roster."""
    return facts.moves(roster(request, roster_id))


@router.post("/rosters/{uuid:roster_id}/open", response=SwapOut)
@opens(facts.EDIT)
def open_shift(request: HttpRequest, roster_id: UUID, body: OpenIn) -> Swap:
    """Open a shift of a published roster to whoever of the service may take it."""
    return actions.open_shift(actor=actor(request), now=timezone.now(), roster_id=roster_id, **body.dict())


# ---- members' own


@router.get("/rosters/swaps", response=list[SwapOut])
@opens(SIGNED_IN)
def swaps(request: HttpRequest) -> list[Swap]:
    """Swaps of the caller, and turns and shifts that they could take, from today on."""
    who, today = actor(request), day_of(timezone.now())
    return facts.swaps_of(who.id, today) + facts.offers_for(who.id, today)


@router.get("/rosters/swaps/waiting", response=list[SwapOut])
@opens(*facts.SEE)
def waiting(request: HttpRequest) -> list[Swap]:
    """Swaps in the caller's areas that wait for a leader or for whoever takes them."""
    return facts.swaps_in(actor(request).areas(*facts.SEE), day_of(timezone.now()))


@router.get("/rosters/turns/{day}/options", response=list[OptionOut])
@opens(SIGNED_IN)
def options(request: HttpRequest, day: date) -> list[dict[str, Any]]:
    """Who could take the caller's turn of a day within the rules, and what they could give for it."""
    return pages.options(actor(request), day, day_of(timezone.now()))


@router.post("/rosters/swaps", response=SwapOut)
@opens(SIGNED_IN)
def ask_swap(request: HttpRequest, body: SwapIn) -> Swap:
    """Offer one of the caller's own turns: to a colleague, for one of theirs or none, or to whoever will take it."""
    return actions.ask_swap(actor=actor(request), now=timezone.now(), id=body.id, day=body.day,
                            other=str(body.other or ""), other_day=body.other_day)


@router.post("/rosters/swaps/{uuid:swap_id}/{what}", response=SwapOut)
@opens(SIGNED_IN)
def act_on_swap(request: HttpRequest, swap_id: UUID,
                what: Literal["accept", "decline", "withdraw", "approve", "refuse"]) -> Swap:  # fmt: skip
    """`accept` and `decline` by who is asked, `withdraw` by who asked, `approve` and `refuse` by a leader."""
    return actions.SWAP[what](actor=actor(request), now=timezone.now(), swap_id=swap_id)


@router.post("/rosters/presence", response=PresenceOut)
@opens(SIGNED_IN)
def clock_on(request: HttpRequest, body: ClockIn) -> Presence:
    """Begin the caller's own turn at a desk or post."""
    return actions.clock_on(actor=actor(request), now=timezone.now(), id=body.id, place=body.place)


@router.post("/rosters/presence/off", response=PresenceOut)
@opens(SIGNED_IN)
def clock_off(request: HttpRequest, body: ClockOffIn) -> Presence:
    """End it."""
    return actions.clock_off(actor=actor(request), now=timezone.now(), place=body.place)


# ---- what leaders read


@router.get("/rosters/attendance", response=list[AttendedOut])
@opens(*facts.SEE)
def attendance(request: HttpRequest, wanted: Query[DayIn]) -> list[Any]:
    """The turns that begin on a day in an area, and how each was met."""
    actor(request).require(facts.EDIT if actor(request).may(facts.EDIT, wanted.area) else facts.APPROVE, wanted.area)
    return pages.attendance(wanted.area, wanted.day, timezone.now())


@router.get("/rosters/desks", response=list[DeskOut])
@opens(*facts.WATCHERS)
def desks(request: HttpRequest) -> list[facts.ShortDesk]:
    """Desks in the caller's areas that have fewer than two on duty now, the longest on top."""
    return facts.short_desks(actor(request).areas(*facts.WATCHERS), timezone.now())


@router.get("/rosters/shares", response=list[SharesOut])
@opens(*facts.SEE)
def shares(request: HttpRequest, wanted: Query[Shares]) -> list[Any]:
    """Nights, weekend days and holidays of each member in the last months, by name."""
    actor(request).require(facts.EDIT if actor(request).may(facts.EDIT, wanted.area) else facts.APPROVE, wanted.area)
    return pages.shares(wanted.area, wanted.months, day_of(timezone.now()))
