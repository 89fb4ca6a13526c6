"""Each way of tampering with the log, done in plain SQL, is found and named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from shouwang.desk.log.actor import system
from shouwang.desk.log.merkle import Tree
from shouwang.desk.log.models import Checkpoint, Event
from shouwang.desk.log.sealing import Gap, Root, read_roots, seal_up_to_now
from shouwang.desk.log.verify import Report, verify
from shouwang.desk.log.writing import leaf_of, payload_digest, time_text, writing

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 14, 46, 37, 123456, tzinfo=UTC)


def write(count: int, start: int = 0) -> None:
    with writing(actor=system("test"), now=NOW + timedelta(seconds=start)) as log:
        for n in range(start, start + count):
            log.append(
                "unit.moved",
                subject=("unit", n),
                area="t/1/",
                may="position.live",
                payload={"old": "available", "new": "路上", "lon": -90.25 + n / 7, 7: None},
            )


@pytest.fixture(autouse=True)
def checkpoints() -> Iterator[Path]:
    path = settings.CONFIG.data / "checkpoints.jsonl"
    path.unlink(missing_ok=True)
    yield path
    path.unlink(missing_ok=True)


@pytest.fixture
def log(checkpoints: Path) -> None:
    """30 entries, sealed at 10 and 20; the last ten are not sealed yet."""
    for start in (0, 10, 20):
        write(10, start)
        if start < 20:
            seal_up_to_now(NOW)


def sql(text: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, values)


def found(report: Report) -> tuple[str, int, int]:
    assert report.broken is not None, report
    return report.broken.what, report.broken.first, report.broken.last


def reforge(seq: int) -> None:
    """Gives an entry the leaf that its altered fields call for, as a careful forger would."""
    e = Event.objects.get(seq=seq)
    leaf = leaf_of(
        seq=seq,
        id=str(e.id),
        at=time_text(e.at),
        actor=e.actor,
        kind=e.kind,
        subject_kind=e.subject_kind,
        subject=e.subject,
        area=e.area,
        may=e.may,
        payload_digest=payload_digest(e.payload),
    )
    Event.objects.filter(seq=seq).update(leaf=leaf)


def test_an_untouched_log_is_whole(log: None) -> None:
    report = verify()
    assert report.intact
    assert (report.entries, report.head, report.checkpoints, report.protected) == (30, 30, 2, 0)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor", "somebody"),
        ("kind", "unit.panic"),
        ("subject", "99"),
        ("area", "t/2/"),
        ("may", "call.view"),
        ("payload", '{"old": "available", "new": "busy"}'),
        ("at", "2026-11-21 14:46:38+00:00"),
    ],
)
@pytest.mark.parametrize("seq", [4, 27])
def test_an_altered_field_names_its_entry(log: None, column: str, value: str, seq: int) -> None:
    if connection.vendor == "sqlite":
        value = value.removesuffix("+00:00")
    sql(f"UPDATE log_event SET {column} = %s WHERE seq = %s", value, seq)
    assert found(verify()) == ("altered", seq, seq)


def test_a_payload_taken_away_outside_the_schedule_is_an_alteration(log: None) -> None:
    e = Event.objects.get(seq=5)
    sql("UPDATE log_event SET pruned = %s, payload = NULL WHERE seq = 5", payload_digest(e.payload))
    assert found(verify()) == ("altered", 5, 5)


def test_deleted_entries_are_named(log: None) -> None:
    sql("DELETE FROM log_event WHERE seq IN (7, 8)")
    assert found(verify()) == ("deleted", 7, 8)


def test_a_deleted_first_entry_is_named(log: None) -> None:
    sql("DELETE FROM log_event WHERE seq = 1")
    assert found(verify()) == ("deleted", 1, 1)


def test_reordered_entries_are_named(log: None) -> None:
    sql("UPDATE log_event SET seq = 1000 WHERE seq = 12")
    sql("UPDATE log_event SET seq = 12 WHERE seq = 15")
    sql("UPDATE log_event SET seq = 15 WHERE seq = 1000")
    report = verify()
    assert found(report) == ("reordered", 12, 12)
    assert report.broken is not None
    assert "15" in report.broken.detail


def test_a_cut_end_is_named_also_when_the_head_is_set_back(log: None) -> None:
    sql("DELETE FROM log_event WHERE seq > 26")
    assert found(verify()) == ("truncated", 27, 30)
    sql("UPDATE log_head SET seq = 26")
    assert verify().intact  # nothing above 20 was sealed yet
    sql("DELETE FROM log_event WHERE seq > 15")
    sql("UPDATE log_head SET seq = 15")
    assert found(verify()) == ("truncated", 16, 20)


def test_an_entry_slipped_in_behind_the_head_is_named(log: None) -> None:
    Event.objects.create(
        seq=31,
        id="018f0000-0000-7000-8000-000000000001",
        at=NOW,
        actor="x",
        kind="k",
        subject_kind="s",
        subject="1",
        payload={},
        leaf=b"\0" * 32,
    )
    reforge(31)
    assert found(verify()) == ("inserted", 31, 31)


def test_a_forger_who_mends_the_leaf_is_caught_by_the_next_checkpoint(log: None) -> None:
    sql("UPDATE log_event SET actor = 'somebody' WHERE seq = 14")
    reforge(14)
    assert found(verify()) == ("mismatch", 11, 20)


def forge_everything(seq: int) -> None:
    """Alters an entry, mends its leaf and writes every checkpoint anew."""
    sql("UPDATE log_event SET actor = 'somebody' WHERE seq = %s", seq)
    reforge(seq)
    tree = Tree()
    for n, leaf in Event.objects.order_by("seq").values_list("seq", "leaf"):
        tree.append(bytes(leaf))
        Checkpoint.objects.filter(size=n).update(root=tree.root().hex())


def test_a_forger_of_the_whole_database_is_caught_by_a_checkpoint_outside(log: None, checkpoints: Path) -> None:
    forge_everything(14)
    assert verify().intact
    outside = list(read_roots(checkpoints))
    assert found(verify(outside)) == ("mismatch", 11, 20)


def test_the_databases_own_checkpoints_do_not_narrow_what_an_outside_one_finds(log: None, checkpoints: Path) -> None:
    outside = [next(read_roots(checkpoints))]  # at 10
    write(5, 30)
    seal_up_to_now(NOW)
    outside.append(list(read_roots(checkpoints))[-1])  # at 35; the one at 20 is known inside alone
    for seq in (12, 14, 30):
        forge_everything(seq)  # whichever root sorts first, the interval is the same
        assert verify().intact
        assert found(verify(outside)) == ("mismatch", 11, 35)


def test_what_follows_the_last_checkpoint_outside_is_called_unprotected(log: None, checkpoints: Path) -> None:
    outside = list(read_roots(checkpoints))
    assert [r.size for r in outside] == [10, 20]
    report = verify(outside)
    assert (report.intact, report.outside, report.protected, report.unprotected) == (True, 2, 20, 10)
    forge_everything(25)
    assert verify(outside).intact  # beyond its reach, and the report says so


def test_a_checkpoint_outside_that_knows_more_shows_the_cut(log: None) -> None:
    report = verify([Root(40, "ab" * 32, "")])
    assert found(report) == ("truncated", 31, 40)


def test_sealing_stops_at_a_gap_and_says_so(log: None) -> None:
    sql("DELETE FROM log_event WHERE seq = 25")
    with pytest.raises(Gap, match="25"):
        seal_up_to_now(NOW)
    assert Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() == 24


def test_sealing_goes_on_where_it_stopped_and_rests_when_nothing_is_new(log: None) -> None:
    assert (made := seal_up_to_now(NOW)) is not None
    assert made.size == 30
    assert seal_up_to_now(NOW) is None
    tree = Tree()
    for leaf in Event.objects.order_by("seq").values_list("leaf", flat=True):
        tree.append(bytes(leaf))
    assert made.root == tree.root().hex()
    assert Checkpoint.objects.exclude(frontier="").count() == 1


def test_the_checkpoint_file_reads_back_past_a_torn_line(log: None, checkpoints: Path) -> None:
    with checkpoints.open("a") as f:
        f.write('{"size": 30, "ro')
    assert [r.size for r in read_roots(checkpoints)] == [10, 20]
    checkpoints.write_text("nonsense\n" + '{"size": 1, "root": "aa", "at": ""}\n')
    with pytest.raises(ValueError, match="line 1"):
        list(read_roots(checkpoints))


def test_a_restore_drops_the_checkpoints_of_the_history_that_is_gone(checkpoints: Path) -> None:
    checkpoints.write_text(
        '{"size": 10, "root": "a", "at": ""}\n{"size": 30, "root": "b", "at": ""}\n'
        '{"size": 12, "root": "c", "at": "", "restored": true}\n{"size": 25, "root": "d", "at": ""}\n'
    )
    assert [(r.size, r.root) for r in read_roots(checkpoints)] == [(10, "a"), (12, "c"), (25, "d")]


def test_what_comes_while_it_is_read_is_no_tampering(log: None) -> None:
    def kept_elsewhere() -> Iterator[Root]:
        """Read after verifying has begun; meanwhile the centre goes on."""
        write(3, 30)
        seal_up_to_now(NOW)
        yield from ()

    report = verify(kept_elsewhere())
    assert (report.broken, report.entries, report.head) == (None, 33, 33)
