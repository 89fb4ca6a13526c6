"""The shapes in which the API takes and gives calls: typed, with limits."""
from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Schema

from shouwang.desk.log.errors import Refused
from shouwang.desk.log.posted import Posted
from shouwang.engine.geo.gcj02 import to_wgs84

from .buttons import Seen
from .models import Call
from .terms import Caller, NewCall, PaperCall, PaperUnit, Stand, Transfer

Lon, Lat = Field(ge=-180, le=180), Field(ge=-90, le=90)
Service = Literal["police", "traffic", "fire", "guard", "medical"]
Tick = Literal["at_scene", "call_back", "confidential", "hurt", "language"]
Code = Field(pattern=r"^\d{6}$")
Coordinates = Literal["wgs84", "gcj02"]
InWhat: Any = Field("wgs84", description="The system of lon and lat; gcj02 (maps made in China) is turned into WGS 84")


def inside(system: Coordinates, lon: float, lat: float) -> tuple[float, float]:
    """A point as it is kept: WGS 84."""
    return to_wgs84(lon, lat) if system == "gcj02" else (lon, lat)


def aware(at: datetime | None) -> datetime | None:
    """A moment in UTC; without a zone it is the district's. Databases know fewer zones than clients can write."""
    if at is None:
        return None
    try:
        return (timezone.make_aware(at) if timezone.is_naive(at) else at).astimezone(UTC)
    except OverflowError:
        raise Refused(_("%(time)s lies outside the calendar.") % {"time": at}, code="time") from None


Answers = dict[str, Annotated[str, Field(max_length=200)]]  # to the guided questions, by question


class CallerIn(Posted):
    name: str = Field("", max_length=60)
    number: str = Field("", max_length=30)
    words: str = Field("", max_length=4000)
    ticks: list[Tick] = Field(default_factory=list, max_length=5)
    answers: Answers = Field(default_factory=dict, max_length=30)

    def term(self) -> Caller:
        return Caller(self.name, self.number, self.words, tuple(self.ticks), self.answers)


class TransferIn(Posted):
    target: Literal["matter", "mediation"]
    receiver: str = Field(min_length=1, max_length=80)


class CallIn(Posted):
    id: UUID = Field(description="Made by the client (UUIDv7): the same id again is a retry and gives the same call")
    type: str = Code
    place: str = Field(min_length=1, max_length=120)
    lon: float = Lon
    lat: float = Lat
    severity: int | None = Field(None, ge=1, le=4)
    detail: str = Field("", max_length=80)
    services: list[Service] | None = Field(None, max_length=5)
    caller: CallerIn | None = None
    received_at: datetime | None = None
    source: Literal["resident", "alarm", "patrol", ""] = ""
    transfer: TransferIn | None = None
    coordinates: Coordinates = InWhat

    def term(self) -> NewCall:
        lon, lat = inside(self.coordinates, self.lon, self.lat)
        return NewCall(
            id=self.id,
            type=self.type,
            place=self.place,
            lon=lon,
            lat=lat,
            severity=self.severity,
            detail=self.detail,
            services=None if self.services is None else tuple(self.services),
            caller=self.caller.term() if self.caller else Caller(),
            source=self.source,
            received_at=aware(self.received_at),
            transfer=Transfer(self.transfer.target, self.transfer.receiver) if self.transfer else None,
        )


class AmendIn(Posted):
    type: str | None = Field(None, pattern=r"^\d{6}$")
    severity: int | None = Field(None, ge=1, le=4)
    place: str | None = Field(None, min_length=1, max_length=120)
    detail: str | None = Field(None, max_length=80)
    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    services: list[Service] | None = Field(None, max_length=5)
    words: str | None = Field(None, max_length=4000)
    answers: Answers | None = Field(None, max_length=30, description="All of them: those left out are taken back")
    version: int | None = Field(None, ge=1, le=2**31 - 1)
    key: UUID | None = None


class UnitOnCall(Schema):
    id: UUID
    assignment: UUID
    code: str
    zh: str
    en: str
    letter: str
    service: str
    state: str
    since: str
    eta_s: float | None = None
    result: str | None = None
    timer: dict[str, Any] | None = Field(None, description="The time standard that runs for it now")
    welfare: dict[str, Any] | None = Field(None, description="Asked whether it is well, and not answered yet")


class CallOut(Schema):
    """A call without anything sealed."""

    id: UUID
    number: str
    type: str
    type_zh: str
    type_en: str
    severity: int
    state: str
    stage: str
    place: str
    lon: float
    lat: float
    area: str
    services: list[str]
    received: str
    waiting_since: str | None = None
    flag_timer: dict[str, Any] | None = Field(None, description="The time standard of the call or of one of its units "
                                                               "that ends first")
    units: list[UnitOnCall]
    main: UUID | None = None
    drill: bool
    closed_at: str | None = None
    result: str | None = None
    panic_unit: UUID | None = None
    alarms: int = Field(0, description="How many alarms of panels it stands for")
    version: int


class StandOut(Schema):
    """Where a unit stands in a cordon."""

    lon: float
    lat: float
    zh: str
    en: str
    before: str | None = None


class AssignmentOut(Schema):
    id: UUID
    unit: UUID
    state: str
    overridden: bool
    eta_s: float | None = None
    stand: StandOut | None = None
    result: str | None = None
    from_call: UUID | None = None
    assigned: str
    acknowledged: str | None = None
    enroute: str | None = None
    staged: str | None = None
    on_scene: str | None = None
    transporting: str | None = None
    ended: str | None = None


class NumberOut(Schema):
    id: UUID
    number: str


class LinkedOut(NumberOut):
    type: str
    state: str
    kind: Literal["related", "split_off", "split_from"]


class DetailOut(CallOut):
    detail: str
    source: str
    submitted: str
    first_assigned: str | None = None
    target: str | None = None
    receiver: str | None = None
    main_number: str | None = None
    merged: list[NumberOut]
    links: list[LinkedOut]
    assignments: list[AssignmentOut]
    words_deleted: bool


class StandIn(Posted):
    unit: UUID
    lon: float = Lon
    lat: float = Lat
    before: datetime | None = Field(None, description="When it has to stand there at the latest")


class AssignIn(Posted):
    units: list[UUID] = Field(min_length=1, max_length=80)
    reason: str = Field("", max_length=500)
    stands: list[StandIn] = Field(default_factory=list, max_length=80, description="Where units of a cordon stand")
    key: UUID | None = None

    def places(self) -> dict[UUID, Stand]:
        return {s.unit: Stand(s.lon, s.lat, aware(s.before)) for s in self.stands}


class PullIn(Posted):
    unit: UUID
    key: UUID | None = None


class MoveIn(Posted):
    transition: str = Field(max_length=24)
    at_device: datetime | None = None
    result: str = Field("", max_length=24)
    note: str = Field("", max_length=2000)
    key: UUID | None = None


class MessageOut(Schema):
    at: datetime
    who: str = Field(description="The unit of a crew, or who wrote at the desk")
    crew: bool
    text: str


class PhotoIn(Posted):
    photo: str = Field(max_length=12_000_000, description="JPEG or PNG in Base64, also as a data address")
    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    at_device: datetime | None = None
    key: UUID | None = Field(None, description="Becomes the photo's id: a retry with it keeps no second one")


class PhotoOut(Schema):
    id: UUID
    unit: UUID
    at: datetime = Field(description="When it came in")
    taken_at: datetime | None = Field(description="By the phone's own clock")
    lon: float | None
    lat: float | None
    width: int
    height: int


class CryIn(Posted):
    key: UUID = Field(description="Made by the client (UUIDv7): the call's id; the same again is a retry")
    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)


class CryOut(Schema):
    """The call that a cry for help opened, or that was open for it already."""

    id: UUID
    number: str
    state: str


class ReasonIn(Posted):
    reason: str = Field(min_length=1, max_length=500)
    key: UUID | None = None


class StandDownIn(Posted):
    reason: str = Field("", max_length=500)
    undo: bool = False
    key: UUID | None = None


class EndCordonIn(Posted):
    reason: str = Field("", max_length=500)
    key: UUID | None = None


class CloseIn(Posted):
    disposition: str = Field(min_length=1, max_length=24)
    note: str = Field("", max_length=2000)
    key: UUID | None = None


class MergeIn(Posted):
    main: UUID
    key: UUID | None = None


class LinkIn(Posted):
    other: UUID
    key: UUID | None = None


class SplitIn(Posted):
    """The second call. Without a place of its own it lies where the first does."""

    id: UUID = Field(description="Made by the client (UUIDv7): the same id again gives the same call")
    type: str = Code
    severity: int | None = Field(None, ge=1, le=4)
    place: str | None = Field(None, min_length=1, max_length=120)
    detail: str = Field("", max_length=80)
    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    callers: list[UUID] = Field(default_factory=list, max_length=20, description="Callers who go over to it")
    key: UUID | None = None

    def term(self, call: Call) -> NewCall:
        """The part as a call."""
        if (self.lon is None) != (self.lat is None):
            raise Refused(_("A point has two numbers."), field="lon", code="invalid")
        lon, lat = (call.lon if self.lon is None else self.lon), (call.lat if self.lat is None else self.lat)
        return NewCall(id=self.id, type=self.type, place=self.place or call.place, lon=lon, lat=lat,
                       severity=self.severity, detail=self.detail, source=call.source, received_at=call.received_at,
                       drill=call.drill)


class TransferCallIn(TransferIn):
    key: UUID | None = None


class SeverityIn(Posted):
    severity: int = Field(ge=1, le=4)
    reason: str = Field("", max_length=500)
    key: UUID | None = None


class AlarmIn(Posted):
    level: int = Field(ge=1, le=5)
    reason: str = Field("", max_length=500)
    key: UUID | None = None


class CardLineOut(Schema):
    """A line of a run card."""

    kind: Literal["check", "tell"] = Field(description="A step to take, or a role to tell")
    code: str
    text: str
    at: datetime | None = Field(None, description="When it was done; none: it is not")
    by: str = ""


class RunCardOut(Schema):
    """The response plan of a call as it stands, and what of it is done."""

    plan: str | None = Field(None, description="Its code")
    name: str = ""
    alarm: str = Field("", description="The alarm level in words")
    levels: list[int] = Field(description="Alarm levels that the call can be set to")
    needs: dict[str, int] = Field(description="How many units of each capability the plan and the answers ask for")
    agencies: list[str]
    lines: list[CardLineOut]


class TickIn(Posted):
    kind: Literal["check", "tell"]
    code: str = Field(max_length=80)
    done: bool = True
    key: UUID | None = None


class UndoIn(Posted):
    event: UUID
    key: UUID | None = None


class KeyIn(Posted):
    key: UUID | None = None


class AttachIn(CallerIn):
    key: UUID | None = None


class NoteIn(Posted):
    text: str = Field(min_length=1, max_length=2000)
    key: UUID | None = None


class ExportIn(Posted):
    """`personal`: with callers, their words and those of staff; needs the permission to see them."""

    reason: str = Field(max_length=500, description="What it is for; kept, and shown to the auditor")
    personal: bool = False
    key: UUID | None = None


class ExportOut(Schema):
    """Open to the one who asked, for an hour."""

    id: UUID
    call: UUID
    personal: bool
    at: datetime


class RevealedOut(Schema):
    at: datetime
    name: str
    number: str


class CandidateOut(Schema):
    unit: UUID
    code: str
    zh: str
    en: str
    letter: str
    service: str
    state: str
    eta_s: float
    distance_m: float
    own: bool
    nearest: bool
    recommended: bool
    price_s: float = Field(description="By how many seconds the next calls wait longer on average while it is away")
    cover_lost: float
    position_age_s: float | None
    stale: bool
    jump: bool = Field(description="Its position cannot be true: too far from the one before")
    why: list[str]
    reason: str


class PullOut(Schema):
    """A unit on a less urgent call, not there yet. It is never among the recommended."""

    unit: UUID
    code: str
    zh: str
    en: str
    letter: str
    service: str
    eta_s: float
    distance_m: float
    leaves: UUID = Field(description="The call it would leave")
    leaves_number: str
    reason: str


class ForServiceOut(Schema):
    service: str
    wanted: int
    there: int = Field(description="Units on the call already that count among the wanted")
    cover: float | None
    busy_share: float = Field(description="How likely its units are taken to be busy when the next call comes")
    busy_hours: float = Field(description="Unit-hours on duty it was measured from; 0: it is the setting of the centre")
    note: str
    candidates: list[CandidateOut]
    interruptible: list[PullOut]


class JurisdictionOut(Schema):
    """The rule that says who answers first; agencies by their codes, home the path of an area."""

    rule: str
    says: str
    agency: str
    fallback: str
    home: str


class AdviceOut(Schema):
    within_s: float
    problem: str
    missing: list[str]
    jurisdiction: JurisdictionOut | None
    services: list[ForServiceOut]


class CallsAsked(Schema):
    """`state` may be given several times."""

    state: list[str] = Field(default_factory=list, max_length=8)
    since: datetime | None = None
    before: datetime | None = None
    limit: int = Field(100, ge=1, le=500)


class TypeOut(Schema):
    code: str
    parent: str
    zh: str
    en: str
    severity: int
    services: list[str]
    asks: list[str] = Field(description="Guided questions, in the order in which they are asked")


class AnswerOut(Schema):
    id: str
    text: str
    advice: str = Field(description="Read to the caller; empty for none")


class QuestionOut(Schema):
    """Without answers it is answered in words."""

    id: str
    text: str
    note: str
    answers: list[AnswerOut]


class WordsIn(Posted):
    words: str = Field(min_length=1, max_length=4000, description="Nothing of it is kept")


class SuggestedOut(Schema):
    """A type that words point to. A person decides."""

    code: str
    zh: str
    en: str
    severity: int
    words: list[str] = Field(description="Words of the type that stand in the text")


class AnswersIn(Posted):
    answers: Answers = Field(default_factory=dict, max_length=30, description="Nothing of it is kept")
    lon: float | None = Field(None, ge=-180, le=180, description="With lat: where it is, if that is known")
    lat: float | None = Field(None, ge=-90, le=90)


class NeedOut(Schema):
    name: str
    count: int


class NamedOut(Schema):
    code: str
    name: str


class FollowedOut(Schema):
    """What a type and the answers so far ask for."""

    severity: int
    services: list[str]
    plan: str
    needs: list[NeedOut]
    agencies: list[str]
    suggests: list[NamedOut]


class NearAsked(Schema):
    lon: float = Lon
    lat: float = Lat
    type: str = Field("", pattern=r"^(\d{6})?$")
    leave_out: UUID | None = None


class PlaceAsked(Schema):
    q: str = Field(min_length=1, max_length=80)
    limit: int = Field(8, ge=1, le=20)


class DuplicateOut(Schema):
    """A call near by. Of one that is only `near`, kind and time alone."""

    grade: Literal["very", "like", "near"]
    why: list[str]
    type: str
    type_zh: str
    type_en: str
    severity: int
    distance_m: float
    age_s: float
    id: UUID | None = None
    number: str = ""
    place: str = ""
    state: str = ""
    lon: float | None = None
    lat: float | None = None


class PointAsked(Schema):
    lon: float = Lon
    lat: float = Lat
    leave_out: UUID | None = Field(None, description="A call that is not to be told among the earlier ones")


class SiteHere(Schema):
    id: UUID
    name: str
    kind: str


class HazardHere(Schema):
    kind: str
    label: str
    away_m: float
    radius_m: int
    owner: str
    until: str
    site: str


class EarlierHere(Schema):
    """A call from there within a year: kind and time alone."""

    type: str
    name: str
    at: datetime


class PremisesOut(Schema):
    sites: list[SiteHere]
    hazards: list[HazardHere]
    earlier: list[EarlierHere]


class PlaceOut(Schema):
    kind: str
    zh: str
    en: str
    lon: float
    lat: float
    area: str


class ViewIn(Posted):
    name: str = Field(min_length=1, max_length=40)
    query: str = Field("", max_length=300, description="The board's address after the question mark")
    starts: bool = Field(False, description="The board opens with it")


class ViewOut(ViewIn):
    id: UUID


class PaperUnitIn(Posted):
    """True times of a unit's steps, those that were written down."""

    unit: UUID
    assigned: datetime
    acknowledged: datetime | None = None
    enroute: datetime | None = None
    on_scene: datetime | None = None
    ended: datetime

    def term(self) -> PaperUnit:
        began, ended = aware(self.assigned), aware(self.ended)
        assert began is not None and ended is not None  # the schema asks for both
        return PaperUnit(self.unit, began, ended, aware(self.acknowledged), aware(self.enroute), aware(self.on_scene))


class PaperIn(Posted):
    """A sheet that was worked on paper. `call.received_at` is the true time at which it came in."""

    call: CallIn
    units: list[PaperUnitIn] = Field(default_factory=list, max_length=20)
    closed_at: datetime | None = Field(None, description="Without it the call still waits")
    disposition: str = Field("", max_length=24)
    reason: str = Field(min_length=1, max_length=500, description="Why it is entered afterwards")

    def term(self) -> PaperCall:
        return PaperCall(self.call.term(), tuple(u.term() for u in self.units), aware(self.closed_at), self.disposition)


class PaperMade(Schema):
    id: UUID
    number: str
    received_at: datetime
    entered_at: datetime


class ButtonIn(Posted):
    """A button of the page on the screen."""

    words: str = Field(max_length=80)
    within: str = Field("", max_length=80, description="What it stands in, where others have the same words")
    nth: int = Field(1, ge=1, le=9999, description="Which of those that are the same in both")
    verb: str = Field("", max_length=20, description="The verb that presses it too")

    def term(self) -> Seen:
        return Seen(self.words, self.within, self.nth, self.verb)


class CommandIn(Posted):
    line: str = Field(max_length=600)
    call: UUID | None = Field(None, description="The call that is open on the screen")
    buttons: list[ButtonIn] = Field([], max_length=1000, description="Of the page on the screen: each is a command")
    key: UUID | None = None
    reason: str = Field("", max_length=500)


class CommandOut(Schema):
    verb: str
    sentence: str
    ready: bool
    done: bool
    call: str
    main: str
    units: list[str]
    value: str
    options: list[str]
    completions: list[str] = Field(description="What the last word may be completed to")
    press: str = Field("", description="The button that does it: its `data-cmd`, or `do` for the one that `text` names")
    text: str = ""
    plain: bool = Field(description="Only names of calls, units, pages and buttons: the browser may keep the line")
    url: str = ""
