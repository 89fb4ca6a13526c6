"""Looking at all records by the rules, and what people decide about a finding."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from shouwang.desk.calls import facts as calls
from shouwang.desk.log import facts as log_facts
from shouwang.desk.log.actor import Actor, system
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.matters import facts as matters
from shouwang.desk.mediation import facts as mediations
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.checked import Checked

from .facts import monday
from .models import Finding, Look, Tally
from .rules import held, rules, steps
from .terms import KEPT, MAY, WEEKS, WHYS

CENTRE = system("quality")
OFTEN, AT_LEAST = timedelta(minutes=10), timedelta(hours=6)  # some rules wait for time alone


def look_if_due(now: datetime) -> bool:
    """Looks at the records when something has happened since, or hours have passed. Whether it did."""
    last = Look.objects.first()
    if last and (now - last.at < OFTEN or (last.seq == log_facts.head() and now - last.at < AT_LEAST)):
        return False
    look(now=now)
    return True


@dataclass
class Seen:
    """What a look found: by record and rule whether it holds, with the record; and the counts."""

    told: dict[tuple[UUID, str], tuple[bool, Checked]] = field(default_factory=dict)
    records: Counter[tuple[date, str, str, str]] = field(default_factory=Counter)
    wrong: Counter[tuple[date, str, str, str]] = field(default_factory=Counter)


def look(*, now: datetime) -> None:
    """Every record of the last weeks and every one with an open finding is held against the rules. What no longer
    fails is mended; what fails again is open again; what was accepted stays so."""
    first = monday(now) - timedelta(weeks=WEEKS - 1)
    known = {(f.record, f.rule): f for f in Finding.objects.filter(Q(state="open") | Q(week__gte=first))}
    named = {(f.kind, f.record) for f in known.values() if f.state == "open"}
    found = _records(now - timedelta(weeks=WEEKS), named)
    accepted = {key for key, f in known.items() if f.state == "accepted"}
    seen = _seen(found, accepted, first, now)
    with writing(actor=CENTRE, now=now) as log:
        new = [_finding(record, rule, now) for (record_id, rule), (holds, record) in seen.told.items()
               if not holds and (record_id, rule) not in known and monday(record.at) >= first]
        Finding.objects.bulk_create(new, ignore_conflicts=True, batch_size=500)
        mended = [f.id for key, f in known.items() if f.state == "open" and _is_over(key, seen)]
        again = [f.id for key, f in known.items() if f.state == "mended" and key in seen.told and not seen.told[key][0]]
        _move(mended, "open", state="mended", ended_at=now)
        _move(again, "mended", state="open", ended_at=None)
        old = Finding.objects.exclude(state="open").filter(ended_at__lt=now - KEPT).delete()[0]
        changed = _count(seen, first)
        if new or mended or again or old or changed:
            log.append("quality.looked", subject=("quality", "all"), may=MAY, payload={
                "records": len(found), "found": len(new) + len(again), "mended": len(mended), "deleted": old})
    Look.objects.update_or_create(id=1, defaults={"seq": log_facts.head(), "at": now, "records": len(found)})


def _move(ids: list[UUID], was: str, **values: object) -> None:
    for start in range(0, len(ids), 500):
        Finding.objects.filter(id__in=ids[start:start + 500], state=was).update(**values)


def _records(since: datetime, named: set[tuple[str, UUID]]) -> list[Checked]:
    """Records of all rooms with steps. A call that was passed on is followed if a matter or a mediation names it."""
    def ids(kind: str) -> list[UUID]:
        return [record for k, record in named if k == kind]
    other = [*matters.checked(since, ids("matter")), *mediations.checked(since, ids("mediation"))]
    followed = {r.values["call"] for r in other}
    told = calls.checked(since, ids("call"))
    for call in told:
        call.values["followed"] = call.id in followed or _followed(call)
    return [*told, *other]


def _followed(call: Checked) -> bool:
    """For a call older than the records at hand."""
    return call.values["state"] == "transferred" and bool(matters.of_call(call.id) or mediations.of_call(call.id))


def _seen(found: Iterable[Checked], accepted: set[tuple[UUID, str]], first: date, now: datetime) -> Seen:
    seen = Seen()
    mine: dict[str, list[str]] = {}
    for rule in rules().values():
        mine.setdefault(rule.kind, []).append(rule.id)
    for record in found:
        week = monday(record.at)
        at_step: dict[str, bool] = {}
        for rule_id in mine[record.kind]:
            rule = rules()[rule_id]
            holds = held(rule, record, now)
            if holds is not None:
                seen.told[record.id, rule_id] = holds, record
                fine = holds or (record.id, rule_id) in accepted
                at_step[rule.step] = at_step.get(rule.step, True) and fine
        if week >= first:
            for step, fine in at_step.items():
                key = (week, record.area, record.kind, step)
                seen.records[key] += 1
                seen.wrong[key] += not fine
    return seen


def _finding(record: Checked, rule_id: str, now: datetime) -> Finding:
    rule = rules()[rule_id]
    made = record.values.get(steps()[record.kind, rule.step].at) or record.at
    return Finding(kind=record.kind, record=record.id, number=record.number, rule=rule_id, step=rule.step,
                   area=record.area, week=monday(record.at), made_at=made, found_at=now)


def _is_over(key: tuple[UUID, str], seen: Seen) -> bool:
    """An open finding is over when its rule holds, concerns the record no more, or is no rule any more."""
    told = seen.told.get(key)
    return told is None or told[0]


def _count(seen: Seen, first: date) -> bool:
    """Puts the counts of the weeks looked at in place of those before. A record once wrong at first stays counted as
    wrong although it is mended since: the score is of how steps were left. Whether anything changed."""
    once_wrong: Counter[tuple[date, str, str, str]] = Counter()
    told = Finding.objects.filter(week__gte=first).exclude(state="accepted").order_by()
    for row in set(told.values_list("week", "area", "kind", "step", "record")):
        once_wrong[row[:4]] += 1
    before = {(t.week, t.area, t.kind, t.step): (t.records, t.wrong) for t in Tally.objects.filter(week__gte=first)}
    after = {key: (n, min(n, max(once_wrong[key], seen.wrong[key]))) for key, n in seen.records.items()}
    if before == after:
        return False
    Tally.objects.filter(week__gte=first).delete()
    Tally.objects.bulk_create([Tally(week=w, area=a, kind=k, step=s, records=n, wrong=bad)
                               for (w, a, k, s), (n, bad) in after.items()], batch_size=500)
    return True


@once
def accept(*, actor: Actor, now: datetime, finding_id: UUID | str, why: str, reason: str = "",
           key: UUID | None = None) -> Finding:
    """Says that a record is right as it is, or stays as it is, and why: it counts as no error any more."""
    if why not in WHYS:
        raise Refused(_("Choose why it stays as it is."), field="why", code="needs")
    with writing(actor=actor, now=now) as log:
        row = _visible(actor, finding_id)
        if already_written(key):
            return row
        _change(row, "open", state="accepted", why=why, ended_at=now)
        log.append("quality.accepted", subject=("finding", row.id), area=row.area, may=MAY, id=key,
                   reason=reason.strip(), payload={"rule": row.rule, "why": why, "record": str(row.record)})
    return row


@once
def reopen(*, actor: Actor, now: datetime, finding_id: UUID | str, key: UUID | None = None) -> Finding:
    """Takes an acceptance back: it is to be mended again."""
    with writing(actor=actor, now=now) as log:
        row = _visible(actor, finding_id)
        if already_written(key):
            return row
        _change(row, "accepted", state="open", why="", ended_at=None)
        log.append("quality.reopened", subject=("finding", row.id), area=row.area, may=MAY, id=key,
                   payload={"rule": row.rule, "record": str(row.record)})
    return row


def _visible(actor: Actor, finding_id: UUID | str) -> Finding:
    row = Finding.objects.select_for_update().filter(id=finding_id).first()
    if row is None or not actor.may(MAY, row.area):
        raise Missing(_("There is no such finding in your areas."), code="finding")
    return row


def _change(row: Finding, was: str, **values: object) -> None:
    """Compare and set on the state."""
    if not Finding.objects.filter(id=row.id, state=was).update(**values):
        raise Conflict(_("Somebody else was first. Look again."), code="raced")
    row.refresh_from_db()
