"""Asked for by somebody who quarrels, without an account: sent, followed by a code, rated. What is said lies sealed as
if the office had written it down, and nothing follows the resident back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.codes import code_digest, code_of
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.workflow.records import change
from shouwang.desk.workflow.settings import get as setting

from ..facts import step_of
from ..models import OVER, Mediation
from ..terms import STEPS, NewDispute
from .common import append
from .registering import checked, open_new

RESIDENT = Actor(id="public:resident", name="", grants={})
MOST_CODE = 20


def ask(*, now: datetime, new: NewDispute) -> Mediation:
    """Writes down what a resident asks for. The same id again is a retry and gives the same row. Who may send one is
    decided before: by a proof of work and by rate."""
    if (kept := _kept(new.id)) is not None:
        return kept
    kind = checked(new)
    if not any(one.phone.strip() for one in new.parties):
        raise Refused(_("Leave a telephone number: the office has to ask you back."), field="phone", code="needs")
    hour = Mediation.objects.filter(source="public", registered_at__gte=now - timedelta(hours=1)).count()
    if hour >= setting("public_per_hour"):
        raise Refused(_("Too many requests came in within the hour. Try later, or call the community office."),
                      code="flood")
    try:
        with writing(actor=RESIDENT, now=now) as log:
            return open_new(log, new, kind, source="public", link={"follow": code_digest(code_of(new.id))})
    except IntegrityError:  # two requests with one id at the same moment: the second finds the first one's row
        if (kept := _kept(new.id)) is None:
            raise
        return kept


def _kept(id: UUID) -> Mediation | None:
    row = Mediation.objects.select_related("kind", "body").filter(id=id).first()
    if row is not None and row.registered_by != RESIDENT.id:
        raise Conflict(_("This number of a mediation is already used."), field="id", code="id_used")
    return row


@dataclass(frozen=True)
class Followed:
    """What whoever asked sees: where it stands, at which body, until when. Nobody's name, nothing that was said."""

    number: str
    zh: str
    en: str
    body: str
    state: str
    step: int
    times: dict[str, datetime | None]
    due_at: datetime | None
    over: bool
    may_rate: bool
    rating: int | None


def follow(code: str) -> Followed:
    """The request of this code. Raises Missing."""
    row = _by_code(code)
    times = {"registered": row.registered_at, "consent": row.consent_at, "agreed": row.agreed_at,
             "visited": row.visited_at, "filed": row.closed_at if row.state == "filed" else None}
    over = row.state in OVER
    step = min(step_of(row.state), len(STEPS))  # 0 for one that ended without an agreement
    return Followed(row.number, row.kind.zh, row.kind.en, str(row.body or ""), row.state, step, times,
                    None if over else row.settle_due_at, over, over and row.rating is None, row.rating)


def rate(*, now: datetime, code: str, rating: int, key: UUID | None = None) -> None:
    """How whoever asked rates it once it is over, 1 to 5, once."""
    found = _by_code(code)
    with writing(actor=RESIDENT, now=now) as log:
        row = Mediation.objects.select_for_update(of=("self",)).get(id=found.id)
        if already_written(key):
            return
        if row.state not in OVER:
            raise Conflict(_("It is rated once it is over."), code="state")
        if row.rating is not None:
            raise Conflict(_("It is rated already."), code="state")
        if rating not in range(1, 6):
            raise Refused(_("Choose from 1 to 5."), field="rating", code="needs")
        change(row, rating=rating)
        append(log, "mediation.rated", row, id=key, rating=rating)


def _by_code(code: str) -> Mediation:
    row = None
    if len(code) <= MOST_CODE:
        row = Mediation.objects.select_related("kind", "body").filter(follow=code_digest(code)).first()
    if row is None:
        raise Missing(_("No request has this code. Look at it once more."), field="code", code="code")
    return row
