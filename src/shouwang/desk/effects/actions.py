"""What officers do with questions. Each is one transaction that ends with its events."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.writing import Log, writing
from shouwang.desk.places import facts as places

from . import facts, terms
from .advice import judging, small
from .facts import VIEW
from .models import Review


def ask(*, actor: Actor, now: datetime, id: UUID, question: terms.Question) -> Review:
    """Answers a question and keeps both. The same id again is a retry. Raises Refused at the field for what cannot be
    asked."""
    if (kept := Review.objects.filter(id=id).first()) is not None:
        if not actor.may(VIEW, kept.area):
            raise Missing(_("No such question in your areas."), code="missing")
        return kept
    actor.require(VIEW, question.area)
    if question.area not in places.area_names():
        raise Refused(_("There is no such area."), field="area", code="area")
    judging.check(question, now)
    given = terms.plain(question) | {"as_of": now.isoformat()}
    figures = judging.make(given)
    if not small.sees_calls(actor, question.area):
        small.veiled(figures)  # refuses what may not be told
    with writing(actor=actor, now=now) as log:
        review = Review.objects.create(
            id=id, area=question.area, title=question.title, given=given, figures=figures, made_by=actor.id,
            digest=judging.digest(figures), made_at=now, done_at=now,
        )  # fmt: skip
        _tell(log, review, "effects.asked")
    return review


def again(*, actor: Actor, now: datetime, review_id: UUID | str) -> Review:
    """Counts and answers once more, and says whether the figures are the same."""
    review = _review(actor, review_id)
    figures = judging.make(review.given)
    digest = judging.digest(figures)
    with writing(actor=actor, now=now) as log:
        kept = Review.objects.select_for_update().filter(id=review.id).first()
        if kept is None:
            raise Missing(_("No such question in your areas."), code="missing")
        kept.same, kept.figures, kept.digest = digest == kept.digest, figures, digest
        kept.runs, kept.done_at = kept.runs + 1, now
        kept.save()
        _tell(log, kept, "effects.again", same=kept.same)
    return kept


def delete(*, actor: Actor, now: datetime, review_id: UUID | str) -> None:
    review = _review(actor, review_id)
    with writing(actor=actor, now=now) as log:
        if not Review.objects.filter(id=review.id).delete()[0]:
            raise Missing(_("No such question in your areas."), code="missing")
        _tell(log, review, "effects.deleted")


def propose(*, actor: Actor, now: datetime, area: str, **asked: Any) -> dict[str, Any]:
    """Comparison areas; nothing is written."""
    actor.require(VIEW, area)
    found = judging.proposed(area, now=now, **asked)
    return found if small.sees_calls(actor, area) else small.before(found)


def _review(actor: Actor, review_id: UUID | str) -> Review:
    review = facts.find(actor.areas(VIEW), review_id)
    if review is None:
        raise Missing(_("No such question in your areas."), code="missing")
    return review


def _tell(log: Log, review: Review, kind: str, **payload: Any) -> None:
    log.append(kind, subject=("effects", review.id), area=review.area, may=VIEW, payload=payload)
