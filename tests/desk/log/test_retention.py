"""Deletion on schedule: access events, reasons, tracks, sessions; holds; and the log verifies after it all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings

from shouwang.desk.log import retention
from shouwang.desk.log.actor import system
from shouwang.desk.log.errors import Denied, Refused
from shouwang.desk.log.models import Event, Hold, Reason
from shouwang.desk.log.reasons import read_reasons
from shouwang.desk.log.seal import Destroyed, keys, seal, unseal
from shouwang.desk.log.sealing import seal_up_to_now
from shouwang.desk.log.verify import verify
from shouwang.desk.log.writing import writing

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 10, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def look(now: datetime, reason: str = "caller has to be rung back") -> Event:
    with writing(actor=system("test"), now=now) as log:
        event_id = log.append(
            "access.words_read", subject=("call", "1"), area="t/1/", payload={"field": "number"}, reason=reason
        )
    return Event.objects.get(id=event_id)


def test_access_events_lose_payload_and_reason_after_their_time_and_the_log_still_verifies(rules: None) -> None:
    old = look(START)
    with writing(actor=system("test"), now=START) as log:
        log.append("unit.moved", subject=("unit", "1"), payload={"new": "busy"})
    young = look(START + 100 * DAY)
    assert retention.prune_access(START + 365 * DAY, days=365) == 0
    assert retention.prune_access(START + 365 * DAY + timedelta(seconds=1), days=365) == 1
    old.refresh_from_db()
    assert old.payload is None
    assert (old.kind, old.subject) == ("access.words_read", "1")
    assert Event.objects.get(kind="unit.moved").payload == {"new": "busy"}
    assert read_reasons([old.id, young.id]) == {str(young.id): "caller has to be rung back"}
    seal_up_to_now(START + 366 * DAY)
    assert verify().intact


def test_a_pruned_event_that_is_then_altered_is_still_found(rules: None) -> None:
    old = look(START)
    retention.prune_access(START + 400 * DAY, days=365)
    Event.objects.filter(seq=old.seq).update(actor="somebody")
    broken = verify().broken
    assert broken is not None
    assert (broken.what, broken.first) == ("altered", old.seq)


def test_a_forged_pruning_record_does_not_cover_other_kinds(rules: None) -> None:
    from shouwang.desk.log.writing import payload_digest

    with writing(actor=system("test"), now=START) as log:
        log.append("call.closed", subject=("call", "1"), payload={"result": "a"})
        log.append("log.pruned", subject=("log", "access"), payload={"before": "2030-01-01T00:00:00+00:00"})
    event = Event.objects.get(kind="call.closed")
    Event.objects.filter(seq=event.seq).update(payload=None, pruned=payload_digest(event.payload))
    assert verify().broken is not None


def test_the_floor_of_six_months_cannot_be_set_lower() -> None:
    from shouwang.desk.workflow.settings import SPECS

    assert SPECS["access_days"].minimum is not None
    assert SPECS["access_days"].minimum >= 183
    assert SPECS["track_days"].maximum == 30
    assert SPECS["sealed_days"].maximum == 90


def test_tracks_go_after_their_days_unless_held(rules: None, cast: Any) -> None:
    from shouwang.tables.live import Position, tracks_of
    from shouwang.tables.live.tracks import TrackStore

    unit = "0190aaaa-0000-7000-8000-000000000001"
    at_ms = int(START.timestamp() * 1000)
    TrackStore(settings.CONFIG).write(
        [Position(unit, at_ms, -90.2, 38.6), Position(unit, at_ms + 86_400_000, -90.2, 38.6)]
    )

    def left() -> int:
        return len(list(tracks_of(settings.CONFIG, unit, START - DAY, START + 10 * DAY)))

    assert left() == 2
    retention.delete_due(START + 29 * DAY)
    assert left() == 2
    hold = retention.hold(
        actor=cast.auditor.actor,
        now=START + 29 * DAY,
        subject_kind="tracks",
        subject="*",
        reason="order of the court",
        until=START + 60 * DAY,
    )
    retention.delete_due(START + 30 * DAY + timedelta(hours=1))
    assert left() == 2
    retention.end_hold(
        actor=cast.auditor.actor, now=START + 30 * DAY + timedelta(hours=2), hold_id=hold.id, reason="over"
    )
    retention.delete_due(START + 30 * DAY + timedelta(hours=3))
    assert left() == 1
    retention.delete_due(START + 32 * DAY)
    assert left() == 0


def test_a_hold_needs_permission_reason_and_end(rules: None, cast: Any) -> None:
    def hold(who: Any, reason: str, until: datetime) -> Hold:
        return retention.hold(actor=who.actor, now=START, subject_kind="call", subject="1", reason=reason, until=until)

    with pytest.raises(Denied):
        hold(cast.admin, "court", START + DAY)
    with pytest.raises(Refused):
        hold(cast.auditor, " ", START + DAY)
    for until in (START, START - DAY, START + 400 * DAY):
        with pytest.raises(Refused):
            hold(cast.auditor, "court", until)
    made = hold(cast.auditor, "court", START + DAY)
    assert retention.held("call", START) == {"1"}
    assert retention.held("call", START + 2 * DAY) == set()
    assert unseal(made.id, "reason", made.reason) == "court"
    assert "court" not in str(Event.objects.get(kind="hold.set").payload)


def test_a_destroyed_key_stays_destroyed_when_an_old_copy_of_the_keys_comes_back(rules: None) -> None:
    text = seal("record-1", "words", "help")
    store = keys()
    wrapped = store._db().execute("SELECT wrapped FROM record_key WHERE record = 'record-1'").fetchone()[0]
    store.destroy(["record-1"])
    with pytest.raises(Destroyed):
        unseal("record-1", "words", text)
    store._db().execute("INSERT INTO record_key VALUES ('record-1', ?)", (wrapped,))  # the old copy
    assert unseal("record-1", "words", text) == "help"
    assert store.destroy_again() == 1
    with pytest.raises(Destroyed):
        unseal("record-1", "words", text)


def test_reasons_of_young_events_stay(rules: None) -> None:
    event = look(START)
    retention.prune_access(START + 10 * DAY, days=365)
    assert Reason.objects.count() == 1
    assert read_reasons([event.id])


def test_every_promised_rule_is_registered() -> None:
    assert {"tracks", "access events", "sessions", "calls.words", "calls.drafts"} <= set(retention._rules)
