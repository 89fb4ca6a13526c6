"""Opening what lies sealed, each time for a reason that is kept and written down; the mediator's own declaration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Refused
from shouwang.desk.log.facts import of as events_of
from shouwang.desk.log.facts import one as event
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.records import change

from .. import facts, sealed
from ..models import Agreement, Declaration, DisputeWords, Mediation, Party, Session, Visit
from ..terms import CONDUCT, TO_TAKE
from .common import append, opens_it, require_text, visible

REVEALED = "mediation.revealed"
RETRY = timedelta(minutes=10)  # so long a second request with one key is the same opening


@dataclass(frozen=True)
class OpenParty:
    id: UUID
    side: str
    kind: str
    name: str
    phone: str
    address: str


@dataclass(frozen=True)
class OpenWords:
    """Words with who wrote them down when. kind: account, result, remark, minutes, visit."""

    id: UUID
    kind: str
    at: datetime
    by: str
    text: str


@dataclass(frozen=True)
class Opened:
    """What a case holds of people, in the clear."""

    parties: tuple[OpenParty, ...]
    words: tuple[OpenWords, ...]
    terms: str
    perform_by: date | None


@once
def open_case(*, actor: Actor, now: datetime, mediation_id: UUID | str, reason: str, key: UUID | None = None) -> Opened:
    """Everything sealed of a case, for a stated reason. Raises Denied for who may not (facts.may_open)."""
    text = require_text(reason, "reason", _("Say why you open it."), 500)
    with writing(actor=actor, now=now) as log:
        row = _opening(log, mediation_id, text, key)
    return _opened(row)


@once
def paper(*, actor: Actor, now: datetime, mediation_id: UUID | str, reason: str, key: UUID | None = None,
          ) -> tuple[Mediation, Opened]:
    """What the agreement's document is made of. The same opening, of a case with an agreement."""
    with writing(actor=actor, now=now) as log:
        row = visible(actor, mediation_id)
        text = require_text(reason, "reason", _("Say why you open it."), 500)
        if not Agreement.objects.filter(mediation=row).exists():
            raise Conflict(_("No agreement is written yet."), code="agreement")
        row = _opening(log, mediation_id, text, key, paper=True)
    return row, _opened(row)


def _opening(log: Log, mediation_id: UUID | str, reason: str, key: UUID | None, **payload: bool) -> Mediation:
    row = visible(log.actor, mediation_id)
    opens_it(log.actor, row)
    done = event(key) if key else None
    if done is None:
        append(log, REVEALED, row, id=key, reason=reason, **payload)
    elif (done.kind, done.actor, done.subject) != (REVEALED, log.actor.id, str(row.id)) or log.now - done.at > RETRY:
        raise Conflict(_("This key was used for something else: each opening needs its own."), field="key", code="key")
    return row


def _opened(row: Mediation) -> Opened:
    parties = [OpenParty(p.id, p.side, p.kind, **sealed.details_of(row.id, p.id, p.details))
               for p in Party.objects.filter(mediation=row).order_by("side", "id")]
    words = [OpenWords(w.id, w.kind, w.at, w.by, sealed.opened(row.id, f"words:{w.id}", w.text))
             for w in DisputeWords.objects.filter(mediation=row)]
    words += [OpenWords(s.id, "minutes", s.held_at, s.by, sealed.opened(row.id, f"minutes:{s.id}", s.minutes))
              for s in Session.objects.filter(mediation=row) if s.minutes]
    words += [OpenWords(v.id, "visit", v.at, v.by, sealed.opened(row.id, f"visit:{v.id}", v.text))
              for v in Visit.objects.filter(mediation=row) if v.text]
    made = Agreement.objects.filter(mediation=row).first()
    return Opened(tuple(parties), tuple(sorted(words, key=lambda w: (w.kind != "account", w.at, str(w.id)))),
                  sealed.opened(row.id, "terms", made.terms) if made else "", made.perform_by if made else None)


@once
def declare(*, actor: Actor, now: datetime, mediation_id: UUID | str, interest: bool, version: int | None = None,
            key: UUID | None = None) -> Mediation:
    """The mediator's own declaration. Without an interest the case is theirs; with one it never will be, and what lies
    sealed stays closed to them. Who declares has looked at the parties before, else it would mean nothing."""
    with writing(actor=actor, now=now) as log:
        row = visible(actor, mediation_id)
        if already_written(key):
            return row
        actor.require(CONDUCT, row.area)
        if facts.barred(actor, row):
            raise Conflict(_("You have declared an interest: somebody else takes this case."), code="interest")
        if row.mediator not in ("", actor.id) or (row.mediator and not interest):
            raise Conflict(_("Somebody has taken this case already."), code="taken")
        if row.state not in TO_TAKE:
            raise Conflict(_("This case is not to be taken now."), code="state")
        parties = Party.objects.filter(mediation=row)
        if not parties.exists():
            raise Refused(_("Nobody is written down yet who quarrels."), field="parties", code="parties")
        if not any(e.kind == REVEALED and e.actor == actor.id for e in events_of("mediation", row.id)):
            raise Refused(_("Open who quarrels first, then declare."), code="look")
        change(row, version=version, mediator="" if interest else actor.id)
        kind = "mediation.declined" if interest else "mediation.taken"
        said = append(log, kind, row, id=key)
        Declaration.objects.create(id=said, mediation=row, by=actor.id, at=now, interest=interest)
    return row
