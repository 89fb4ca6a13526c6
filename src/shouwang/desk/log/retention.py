"""Deletes on schedule. Rooms register what they keep for how long; one command and the worker run it all.

Sealed words are deleted by destroying their key, which reaches every backup. The log keeps its leaves: an access event
loses its payload after its time, its digest stays, and the log still verifies. A legal hold keeps a subject
until its end.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from .actor import Actor, system
from .errors import Refused
from .models import Event, Hold, Reason
from .seal import keys, seal
from .writing import payload_digest, writing

ACCESS = ("access.", "auth.", "audit.", "token.")  # who looked at what: kept for a time of their own
ACCESS_ONE = ("call.exported", "call.revealed", "claim.opened", "item.revealed", "matter.revealed",
              "mediation.revealed", "member.words_shown", "recruitment.words_shown", "ring.claimed",
              "site.contact_shown", "unit.history_seen", "village.contact_shown", "volunteer.revealed")
LONGEST_HOLD_DAYS = 366
BATCH = 500

_rules: dict[str, Callable[[datetime], int]] = {}


def register(name: str, delete: Callable[[datetime], int]) -> None:
    """`delete(now)` removes what is due, keeps what is held, and returns how many records went."""
    _rules[name] = delete


def delete_due(now: datetime) -> dict[str, int]:
    """Runs every rule; returns the counts by name. May be run at any time, again and again."""
    return {name: delete(now) for name, delete in sorted(_rules.items())}


def is_access(kind: str) -> bool:
    return kind.startswith(ACCESS) or kind in ACCESS_ONE


def prune_access(now: datetime, *, days: int) -> int:
    """Takes the payload and the reason from access events older than `days`; number, time, actor, kind and
    digest stay."""
    if held("access", now):
        return 0
    before = now - timedelta(days=days)
    due = [
        seq_kind
        for seq_kind in Event.objects.filter(at__lt=before, payload__isnull=False)
        .order_by("seq")
        .values_list("seq", "kind")
        if is_access(seq_kind[1])
    ]
    for start in range(0, len(due), BATCH):
        seqs = [seq for seq, _kind in due[start : start + BATCH]]
        with writing(actor=system("retention"), now=now) as log:
            rows = list(Event.objects.filter(seq__in=seqs))
            for row in rows:
                row.pruned, row.payload = payload_digest(row.payload), None
            Event.objects.bulk_update(rows, ["pruned", "payload"])
            log.append(
                "log.pruned", subject=("log", "access"), payload={"before": before.isoformat(), "count": len(rows)}
            )
    drop_reasons(before)
    return len(due)


def drop_reasons(before: datetime) -> int:
    old = [str(e) for e in Reason.objects.filter(at__lt=before).values_list("event", flat=True)]
    keys().destroy(old)
    return Reason.objects.filter(event__in=old).delete()[0] if old else 0


def pruned_before() -> datetime | None:
    """Access events older than this may have lost their payload: the log itself says so."""
    told = Event.objects.filter(kind="log.pruned", payload__isnull=False).values_list("payload", flat=True)
    times = [parse_datetime(str((p or {}).get("before"))) for p in told]
    return max((t for t in times if t), default=None)


def held(subject_kind: str, now: datetime) -> set[str]:
    """Subjects of the kind under a legal hold; "*" among them means all."""
    rows = Hold.objects.filter(subject_kind__in=(subject_kind, "all"), since__lte=now, until__gt=now)
    return {"*" if h.subject_kind == "all" else h.subject for h in rows}


def hold(*, actor: Actor, now: datetime, subject_kind: str, subject: str, reason: str, until: datetime) -> Hold:
    """Keeps a subject (or "*", all of the kind) until `until`, whatever the schedule says."""
    actor.require("log.hold")
    if not reason.strip():
        raise Refused(_("Give the reason."), field="reason")
    if not now < until <= now + timedelta(days=LONGEST_HOLD_DAYS):
        raise Refused(_("A hold ends within %(days)s days.") % {"days": LONGEST_HOLD_DAYS}, field="until")
    with writing(actor=actor, now=now) as log:
        row = Hold(subject_kind=subject_kind, subject=subject or "*", since=now, until=until)
        row.reason = seal(row.id, "reason", reason.strip())
        row.save()
        log.append(
            "hold.set",
            subject=(subject_kind, row.subject),
            payload={"hold": str(row.id), "until": until.isoformat()},
            reason=reason.strip(),
        )
    return row


def end_hold(*, actor: Actor, now: datetime, hold_id: UUID, reason: str) -> None:
    actor.require("log.hold")
    if not reason.strip():
        raise Refused(_("Give the reason."), field="reason")
    with writing(actor=actor, now=now) as log:
        row = Hold.objects.filter(id=hold_id, until__gt=now).first()
        if row is None:
            raise Refused(_("There is no such hold in force."))
        Hold.objects.filter(id=row.id).update(until=max(now, row.since + timedelta(seconds=1)))
        log.append(
            "hold.ended", subject=(row.subject_kind, row.subject), payload={"hold": str(row.id)}, reason=reason.strip()
        )
