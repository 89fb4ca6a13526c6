"""Calls and dispatch over HTTP. Every row outside the caller's areas is a 404."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router

from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import SIGNED_IN, actor, opens
from shouwang.desk.places import facts as places
from shouwang.desk.sites import facts as sites

from . import actions, advice, facts, following
from .models import Call, SavedView, ScenePhoto
from .plans import of_call
from .runcard import run_card
from .running import decide, run
from .schemas import (
    AdviceOut,
    AlarmIn,
    AmendIn,
    AnswersIn,
    AssignIn,
    AssignmentOut,
    AttachIn,
    CallIn,
    CallOut,
    CallsAsked,
    CloseIn,
    CommandIn,
    CommandOut,
    CryIn,
    CryOut,
    DetailOut,
    DuplicateOut,
    EndCordonIn,
    ExportIn,
    ExportOut,
    FollowedOut,
    KeyIn,
    LinkIn,
    MergeIn,
    MessageOut,
    MoveIn,
    NearAsked,
    NoteIn,
    PaperIn,
    PaperMade,
    PhotoIn,
    PhotoOut,
    PlaceAsked,
    PlaceOut,
    PointAsked,
    PremisesOut,
    PullIn,
    QuestionOut,
    ReasonIn,
    RevealedOut,
    RunCardOut,
    SeverityIn,
    SplitIn,
    StandDownIn,
    SuggestedOut,
    TickIn,
    TransferCallIn,
    TypeOut,
    UndoIn,
    ViewIn,
    ViewOut,
    WordsIn,
    aware,
)
from .terms import Amend

router = Router(tags=["calls"])
SEES = facts.MAY_SEE
SITES_FOUND = 4  # at most


def _sees(request: HttpRequest) -> tuple[str, ...]:
    return actor(request).areas(SEES)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": actor(request), "now": timezone.now()}


def _detail(call: Call) -> dict[str, Any]:
    return facts.detail(Call.objects.select_related("type").get(id=call.id))


@router.post("/calls", response=DetailOut)
@opens("call.take")
def take_call(request: HttpRequest, body: CallIn) -> dict[str, Any]:
    """Take a call. A retry with the same id gives the same call."""
    return _detail(actions.take_call(**_who(request), call=body.term()))


@router.get("/calls", response=list[CallOut])
@opens(SEES)
def list_calls(request: HttpRequest, asked: Query[CallsAsked]) -> list[dict[str, Any]]:
    """Calls of one's areas, newest first; `state` may be given several times."""
    return facts.calls_of(_sees(request), states=asked.state, since=aware(asked.since), before=aware(asked.before),
                          limit=asked.limit)


@router.get("/calls/{uuid:call_id}", response=DetailOut)
@opens(SEES)
def get_call(request: HttpRequest, call_id: UUID) -> dict[str, Any]:
    """One call with its times and assignments."""
    found = facts.call_detail(_sees(request), call_id)
    if found is None:
        raise Missing(_("There is no such call in your areas."), code="call")
    return found


@router.patch("/calls/{uuid:call_id}", response=DetailOut)
@opens("call.edit")
def amend_call(request: HttpRequest, call_id: UUID, body: AmendIn) -> dict[str, Any]:
    """Amend an open call. `version`: the one the changes were made on; 409 if it has moved on."""
    values = body.dict(exclude={"version", "key"}, exclude_none=True)
    if "services" in values:
        values["services"] = tuple(values["services"])
    return _detail(actions.amend_call(**_who(request), call_id=call_id, changes=Amend(**values), version=body.version,
                                      key=body.key))


@router.post("/calls/{uuid:call_id}/assign", response=DetailOut)
@opens("dispatch.assign")
def assign_units(request: HttpRequest, call_id: UUID, body: AssignIn) -> dict[str, Any]:
    """Send units: all or none. 409 names a unit that is no longer free. With `stands` they stand in a cordon."""
    actions.assign_units(**_who(request), call_id=call_id, unit_ids=body.units, reason=body.reason,
                         stands=body.places(), key=body.key)
    return _detail(Call(id=call_id))


@router.post("/calls/{uuid:call_id}/pull", response=DetailOut)
@opens("dispatch.assign")
def pull_unit(request: HttpRequest, call_id: UUID, body: PullIn) -> dict[str, Any]:
    """Take a unit from a less urgent call, before it is there, for this one of level 1. The other call says so."""
    actions.pull_unit(**_who(request), call_id=call_id, unit_id=body.unit, key=body.key)
    return _detail(Call(id=call_id))


@router.post("/calls/{uuid:call_id}/cordon-over", response=DetailOut)
@opens("cordon.start")
def end_cordon(request: HttpRequest, call_id: UUID, body: EndCordonIn) -> dict[str, Any]:
    """End the cordon of a call: all its units stand down at once."""
    return _detail(actions.end_cordon(**_who(request), call_id=call_id, reason=body.reason, key=body.key))


@router.post("/assignments/{uuid:assignment_id}/move", response=AssignmentOut)
@opens("dispatch.status", "dispatch.assign")
def move_assignment(request: HttpRequest, assignment_id: UUID, body: MoveIn) -> dict[str, Any]:
    """Move one unit's task (a_ack, a_go, a_stage, a_scene, a_carry, a_clear)."""
    return facts.assignment(actions.move_assignment(
        **_who(request), assignment_id=assignment_id, transition=body.transition, at_device=aware(body.at_device),
        result=body.result, note=body.note, key=body.key))


@router.post("/assignments/{uuid:assignment_id}/stand-down", response=AssignmentOut)
@opens("dispatch.assign")
def stand_down(request: HttpRequest, assignment_id: UUID, body: StandDownIn) -> dict[str, Any]:
    """Call a unit back; `undo` when it was sent by mistake."""
    return facts.assignment(actions.stand_down(
        **_who(request), assignment_id=assignment_id, reason=body.reason, undo=body.undo, key=body.key))


@router.post("/assignments/{uuid:assignment_id}/decline", response=AssignmentOut)
@opens("dispatch.status")
def decline_task(request: HttpRequest, assignment_id: UUID, body: ReasonIn) -> dict[str, Any]:
    """A crew that cannot go says why."""
    return facts.assignment(actions.decline_task(
        **_who(request), assignment_id=assignment_id, reason=body.reason, key=body.key))


@router.post("/calls/{uuid:call_id}/undo-move", response=AssignmentOut)
@opens("dispatch.status")
def undo_move(request: HttpRequest, call_id: UUID, body: UndoIn) -> dict[str, Any]:
    """Take back one's own last move of a unit, within seconds."""
    return facts.assignment(actions.undo_move(**_who(request), call_id=call_id, event_id=body.event, key=body.key))


@router.post("/calls/{uuid:call_id}/close", response=DetailOut)
@opens("call.close")
def close_call(request: HttpRequest, call_id: UUID, body: CloseIn) -> dict[str, Any]:
    """Close a call with its result."""
    return _detail(actions.close_call(**_who(request), call_id=call_id, disposition=body.disposition, note=body.note,
                                      key=body.key))


@router.post("/calls/{uuid:call_id}/cancel", response=DetailOut)
@opens("call.close")
def cancel_call(request: HttpRequest, call_id: UUID, body: ReasonIn) -> dict[str, Any]:
    """Cancel a call that should not have been one."""
    return _detail(actions.cancel_call(**_who(request), call_id=call_id, reason=body.reason, key=body.key))


@router.post("/calls/{uuid:call_id}/reopen", response=DetailOut)
@opens("call.close")
def reopen_call(request: HttpRequest, call_id: UUID, body: ReasonIn) -> dict[str, Any]:
    """Open a call again."""
    return _detail(actions.reopen_call(**_who(request), call_id=call_id, reason=body.reason, key=body.key))


@router.post("/calls/{uuid:call_id}/transfer", response=DetailOut)
@opens("call.transfer_matter")
def transfer_call(request: HttpRequest, call_id: UUID, body: TransferCallIn) -> dict[str, Any]:
    """Pass a call to grid matters or mediation."""
    return _detail(actions.transfer_call(**_who(request), call_id=call_id, target=body.target, receiver=body.receiver,
                                         key=body.key))


@router.post("/calls/{uuid:call_id}/merge", response=DetailOut)
@opens("call.merge")
def merge_call(request: HttpRequest, call_id: UUID, body: MergeIn) -> dict[str, Any]:
    """Merge this call into another."""
    return _detail(actions.merge_call(**_who(request), call_id=call_id, main_id=body.main, key=body.key))


@router.post("/calls/{uuid:call_id}/unmerge", response=DetailOut)
@opens("call.merge")
def unmerge_call(request: HttpRequest, call_id: UUID, body: KeyIn) -> dict[str, Any]:
    """Take a merge back."""
    return _detail(actions.unmerge_call(**_who(request), call_id=call_id, key=body.key))


@router.post("/calls/{uuid:call_id}/link", response=DetailOut)
@opens("call.merge")
def link_calls(request: HttpRequest, call_id: UUID, body: LinkIn) -> dict[str, Any]:
    """Say that two calls have to do with one another. They stay two."""
    return _detail(actions.link_calls(**_who(request), call_id=call_id, other_id=body.other, key=body.key))


@router.post("/calls/{uuid:call_id}/unlink", response=DetailOut)
@opens("call.merge")
def unlink_calls(request: HttpRequest, call_id: UUID, body: LinkIn) -> dict[str, Any]:
    """Take a link back."""
    return _detail(actions.unlink_calls(**_who(request), call_id=call_id, other_id=body.other, key=body.key))


@router.post("/calls/{uuid:call_id}/split", response=DetailOut)
@opens("call.merge")
def split_call(request: HttpRequest, call_id: UUID, body: SplitIn) -> dict[str, Any]:
    """Make a second call of one that turned out to be two matters. Gives the new one."""
    call = facts.find(_sees(request), call_id)
    if call is None:
        raise Missing(_("There is no such call in your areas."), code="call")
    return _detail(actions.split_call(**_who(request), call_id=call_id, part=body.term(call), callers=body.callers,
                                      key=body.key))


@router.post("/calls/{uuid:call_id}/unsplit", response=DetailOut)
@opens("call.merge")
def unsplit_call(request: HttpRequest, call_id: UUID, body: KeyIn) -> dict[str, Any]:
    """Take a split back: this part goes back into the call it came from."""
    return _detail(actions.unsplit_call(**_who(request), call_id=call_id, key=body.key))


@router.post("/calls/{uuid:call_id}/callers/{uuid:caller_id}/detach", response=DetailOut)
@opens("call.take")
def detach_caller(request: HttpRequest, call_id: UUID, caller_id: UUID, body: KeyIn) -> dict[str, Any]:
    """Take a caller back who was attached to the wrong call a moment ago. `caller_id`: the key they were added with."""
    return _detail(actions.detach_caller(**_who(request), call_id=call_id, caller_id=caller_id, key=body.key))


@router.post("/calls/{uuid:call_id}/severity", response=DetailOut)
@opens("dispatch.upgrade")
def set_severity(request: HttpRequest, call_id: UUID, body: SeverityIn) -> dict[str, Any]:
    """Change how urgent a call is (1 is most urgent)."""
    return _detail(actions.upgrade(**_who(request), call_id=call_id, severity=body.severity, reason=body.reason,
                                   key=body.key))


@router.post("/calls/{uuid:call_id}/alarm", response=DetailOut)
@opens("dispatch.upgrade")
def set_alarm(request: HttpRequest, call_id: UUID, body: AlarmIn) -> dict[str, Any]:
    """Set the alarm level: what the response plan of that level sends is asked for from now on."""
    return _detail(actions.raise_alarm(**_who(request), call_id=call_id, level=body.level, reason=body.reason,
                                       key=body.key))


@router.get("/calls/{uuid:call_id}/card", response=RunCardOut)
@opens("call.view")
def show_run_card(request: HttpRequest, call_id: UUID) -> dict[str, Any]:
    """The run card of a call: its response plan, whom to tell, what to do, and what of it is done."""
    call = facts.find(_sees(request), call_id)
    if call is None:
        raise Missing(_("There is no such call in your areas."), code="call")
    return _run_card(call)


@router.post("/calls/{uuid:call_id}/card", response=RunCardOut)
@opens("dispatch.assign")
def tick_run_card(request: HttpRequest, call_id: UUID, body: TickIn) -> dict[str, Any]:
    """Tick a line of the run card off, or take that back."""
    return _run_card(actions.tick(**_who(request), call_id=call_id, kind=body.kind, code=body.code, done=body.done,
                                  key=body.key))


def _run_card(call: Call) -> dict[str, Any]:
    card = run_card(call)
    return {"plan": card.plan and card.plan.code, "name": str(card.plan or ""), "alarm": card.alarm,
            "levels": card.levels, "needs": of_call(call), "agencies": card.plan.agencies if card.plan else [],
            "lines": card.lines}


@router.post("/calls/{uuid:call_id}/roll-call", response=DetailOut)
@opens("dispatch.assign")
def roll_call(request: HttpRequest, call_id: UUID, body: KeyIn) -> dict[str, Any]:
    """Ask every crew at the scene at once whether all of it is there and well."""
    return _detail(actions.roll_call(**_who(request), call_id=call_id, key=body.key))


@router.post("/calls/{uuid:call_id}/callers", response=DetailOut)
@opens("call.take")
def attach_caller(request: HttpRequest, call_id: UUID, body: AttachIn) -> dict[str, Any]:
    """Add another caller to a call that is already known."""
    return _detail(actions.attach_caller(**_who(request), main_id=call_id, caller=body.term(), key=body.key))


@router.post("/calls/{uuid:call_id}/notes", response=DetailOut)
@opens("call.edit")
def add_note(request: HttpRequest, call_id: UUID, body: NoteIn) -> dict[str, Any]:
    """Add a remark."""
    return _detail(actions.add_note(**_who(request), call_id=call_id, text=body.text, key=body.key))


@router.get("/calls/{uuid:call_id}/messages", response=list[MessageOut])
@opens(SEES, "dispatch.status")
def messages(request: HttpRequest, call_id: UUID) -> list[facts.Message]:
    """The thread between the desk and the crews of a call, oldest first. That it is read is written down once per
    shift."""
    said = actions.read_words(**_who(request), call_id=call_id)
    return facts.thread(call_id, {str(r.event): r.text for r in said.remarks})


@router.post("/calls/{uuid:call_id}/messages", response=DetailOut)
@opens("dispatch.assign", "dispatch.status")
def send_message(request: HttpRequest, call_id: UUID, body: NoteIn) -> dict[str, Any]:
    """Write to the crews of an open call, or as one of them to the desk."""
    return _detail(actions.send_message(**_who(request), call_id=call_id, text=body.text, key=body.key))


@router.get("/calls/{uuid:call_id}/photos", response=list[PhotoOut])
@opens(SEES, "dispatch.status")
def photos(request: HttpRequest, call_id: UUID) -> list[ScenePhoto]:
    """Photos of a call from its crews, oldest first."""
    return actions.list_photos(**_who(request), call_id=call_id)


@router.post("/calls/{uuid:call_id}/photos", response=list[PhotoOut])
@opens("dispatch.status")
def take_photo(request: HttpRequest, call_id: UUID, body: PhotoIn) -> list[ScenePhoto]:
    """Send a photo as the crew of a unit on an open call. Gives all photos of the call."""
    who = _who(request)
    actions.take_photo(**who, call_id=call_id, photo=body.photo, lon=body.lon, lat=body.lat,
                       at_device=aware(body.at_device), key=body.key)
    return actions.list_photos(**who, call_id=call_id)


@router.get("/calls/photos/{uuid:photo_id}")
@opens(SEES, "dispatch.status")
def get_photo(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """The photo itself, a JPEG."""
    return HttpResponse(actions.read_photo(**_who(request), photo_id=photo_id), content_type="image/jpeg",
                        headers={"Cache-Control": "private, no-store"})


@router.post("/calls/{uuid:call_id}/reveal", response=list[RevealedOut])
@opens("call.reveal")
def reveal_caller(request: HttpRequest, call_id: UUID, body: ReasonIn) -> Sequence[Any]:
    """Show the callers' names and numbers, for a stated reason. The showing is logged."""
    return actions.reveal_caller(**_who(request), call_id=call_id, reason=body.reason, key=body.key)


@router.post("/calls/{uuid:call_id}/export", response=ExportOut)
@opens("call.export")
def export_call(request: HttpRequest, call_id: UUID, body: ExportIn) -> Any:
    """Open a call to be taken out, and say what for. Logged; then get it as PDF or EIDO, or print /calls/paper/ID/."""
    return actions.export_call(**_who(request), call_id=call_id, reason=body.reason, personal=body.personal,
                               key=body.key)


@router.get("/exports/{uuid:export_id}/eido", response=dict[str, Any])
@opens("call.export")
def get_eido(request: HttpRequest, export_id: UUID) -> dict[str, Any]:
    """The call that was opened, as an Emergency Incident Data Object 1.0 (NENA-STA-021.1b)."""
    return actions.as_eido(*actions.exported(**_who(request), export_id=export_id))


@router.get("/exports/{uuid:export_id}/pdf")
@opens("call.export")
def get_pdf(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """The call that was opened as a PDF document: facts, map, times, units and what happened."""
    who = _who(request)
    export, call = actions.exported(**who, export_id=export_id)
    return HttpResponse(actions.as_pdf(export, call, **who), content_type="application/pdf")


@router.get("/exports/{uuid:export_id}/eido.jws")
@opens("call.export")
def get_signed_eido(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """The same, signed by the centre: a compact JWS (RFC 7515, Ed25519) with the document as its payload."""
    token = actions.as_signed_eido(*actions.exported(**_who(request), export_id=export_id))
    return HttpResponse(token, content_type="application/jose")


@router.get("/calls/{uuid:call_id}/recommend", response=AdviceOut)
@opens("dispatch.recommend")
def recommend(request: HttpRequest, call_id: UUID) -> dict[str, Any]:
    """Units recommended for a call: the set that meets all its needs at the least cost, with reasons and prices."""
    call = facts.find(_sees(request), call_id)
    if call is None:
        raise Missing(_("There is no such call in your areas."), code="call")
    areas = actor(request).areas("position.live", "dispatch.recommend")
    return advice.plain(advice.for_call(call, areas=areas, now=timezone.now()))


@router.get("/duplicates", response=list[DuplicateOut])
@opens(SEES)
def duplicates(request: HttpRequest, asked: Query[NearAsked]) -> list[dict[str, Any]]:
    """Recent calls near a point that may be about the same thing: by place, time and type, never by person."""
    found = advice.duplicates(areas=_sees(request), lon=asked.lon, lat=asked.lat, type=asked.type, now=timezone.now(),
                              leave_out=asked.leave_out)
    return [advice.plain_near(n) for n in found]


@router.get("/premises", response=PremisesOut)
@opens("call.take", SEES)
def premises(request: HttpRequest, asked: Query[PointAsked]) -> dict[str, Any]:
    """What is known of a place while it is chosen: sites, hazards whose radius reaches it, and earlier calls from
    there by kind and time alone."""
    now = timezone.now()
    earlier = facts.earlier_at(_sees(request), lon=asked.lon, lat=asked.lat, now=now, leave_out=asked.leave_out)
    found = sites.plain(sites.premises(asked.lon, asked.lat, now))
    return found | {"earlier": [{"type": e.type.code, "name": str(e.type), "at": e.at} for e in earlier]}


@router.get("/types", response=list[TypeOut])
@opens("call.take", SEES)
def types(request: HttpRequest) -> list[dict[str, Any]]:
    """Types of calls (6 digits) and their classes (2), with what each usually asks for."""
    return following.all_types()


@router.get("/questions", response=list[QuestionOut])
@opens("call.take", "call.edit")
def questions(request: HttpRequest) -> list[dict[str, Any]]:
    """Every guided question, in the reader's language."""
    return following.all_questions()


@router.post("/types/suggest", response=list[SuggestedOut])
@opens("call.take", "call.edit")
def suggest_types(request: HttpRequest, body: WordsIn) -> list[dict[str, Any]]:
    """Types that a caller's words point to, Chinese or English, the likeliest first. A person decides."""
    found = following.suggested(body.words)[:following.MOST_SUGGESTED]
    return [{"code": s.type.code, "zh": s.type.zh, "en": s.type.en, "severity": s.type.severity, "words": s.words}
            for s in found]


@router.post("/types/{code}/follow", response=FollowedOut)
@opens("call.take", "call.edit")
def follow_answers(request: HttpRequest, code: str, body: AnswersIn) -> dict[str, Any]:
    """What a type and the answers so far ask for: level, services, response plan, capabilities, agencies."""
    point = (body.lon, body.lat) if body.lon is not None and body.lat is not None else None
    return following.followed(code, body.answers, point)


@router.get("/places", response=list[PlaceOut], tags=["places"])
@opens("call.take", SEES, "road.close")
def search_places(request: HttpRequest, asked: Query[PlaceAsked]) -> list[Any]:
    """Streets, crossings, posts, communities, sites and coordinates that fit what was typed: what is called just so
    first, then sites whose name or code holds every word."""
    text = places.meant(asked.q).casefold().replace("\x00", "")
    found: list[Any] = places.search_place(asked.q, asked.limit)
    just_so = [f for f in found if text in (f.zh.casefold(), f.en.casefold())]
    named = sites.sites_in(("",), text=text)[:SITES_FOUND] if len(text) > 1 else ()
    here = [{"kind": "site", "zh": s.name, "en": s.name, "lon": s.lon, "lat": s.lat, "area": s.area} for s in named]
    return [*just_so, *here, *(f for f in found if f not in just_so)][:asked.limit]


@router.get("/board/views", response=list[ViewOut])
@opens("dispatch.recommend")
def views(request: HttpRequest) -> list[SavedView]:
    """One's own saved views of the board."""
    return facts.views_of(actor(request).id)


@router.put("/board/views", response=ViewOut)
@opens("dispatch.recommend")
def save_view(request: HttpRequest, body: ViewIn) -> SavedView:
    """Keep a view under a name; the same name again replaces it."""
    return actions.save_view(actor=actor(request), name=body.name, query=body.query, starts=body.starts)


@router.delete("/board/views/{uuid:view_id}", response={204: None})
@opens("dispatch.recommend")
def drop_view(request: HttpRequest, view_id: UUID) -> tuple[int, None]:
    """Delete one of one's own views."""
    actions.drop_view(actor=actor(request), view_id=view_id)
    return 204, None


@router.post("/calls/paper", response=PaperMade)
@opens("call.take")
def enter_paper(request: HttpRequest, body: PaperIn) -> dict[str, Any]:
    """Enter what was worked on paper while all was down. Its true times count; that of entry stands beside them."""
    call = actions.enter_paper(**_who(request), sheet=body.term(), reason=body.reason)
    return {"id": call.id, "number": call.number, "received_at": call.received_at, "entered_at": call.paper.entered_at}


@router.post("/assignments/{uuid:assignment_id}/well", response=AssignmentOut)
@opens("dispatch.status")
def crew_is_well(request: HttpRequest, assignment_id: UUID, body: KeyIn) -> dict[str, Any]:
    """The crew of a unit at a scene is well: it says so, or the desk has spoken to it."""
    return facts.assignment(actions.crew_is_well(**_who(request), assignment_id=assignment_id, key=body.key))


@router.post("/assignments/{uuid:assignment_id}/ask", response=AssignmentOut)
@opens("dispatch.assign")
def ask_crew(request: HttpRequest, assignment_id: UUID) -> dict[str, Any]:
    """Ask the crew of a unit at a scene whether it is well."""
    return facts.assignment(actions.ask_crew(**_who(request), assignment_id=assignment_id))


@router.post("/units/{uuid:unit_id}/panic", response=CryOut)
@opens("dispatch.status")
def panic(request: HttpRequest, unit_id: UUID, body: CryIn) -> Call:
    """Call for help for a unit: its flag goes up and a call of the highest level opens. While that one is open, it is
    the answer again."""
    return actions.panic_call(**_who(request), unit_id=unit_id, key=body.key, lon=body.lon, lat=body.lat)


@router.post("/command", response=CommandOut)
@opens(SIGNED_IN)
def command(request: HttpRequest, body: CommandIn, dry: bool = False) -> dict[str, Any]:
    """A line of the command bar. `dry=1` only says what Enter would do."""
    decision = decide(actor(request), body.line, body.call, [b.term() for b in body.buttons])
    url = "" if dry or not decision.ready else run(decision, key=body.key, reason=body.reason, **_who(request))
    return vars(decision) | {"done": not dry and decision.ready, "url": url}
