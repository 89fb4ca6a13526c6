"""Verifies the log: each event against its leaf, the numbers without a gap, the leaves against every checkpoint.

What it can name: an altered event (its fields no longer give its leaf), a deleted one (a number is missing), reordered
ones (the leaf belongs to another number), a cut end (the head or a checkpoint knows more), one slipped in
after the head.
Someone who also recomputes leaves is caught by the next checkpoint, and the interval is named. Someone who
rewrites this
database whole, checkpoints included, is caught by a checkpoint kept outside; what follows the last of those is
unprotected, and the report says so. The log is read once, in order, in constant memory.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from django.db import connection

from .merkle import Tree
from .models import Checkpoint, Event, Head
from .retention import is_access, pruned_before
from .sealing import Root
from .writing import leaf_of, payload_digest, time_text

NEAR = 2000  # how far from its place a moved entry is recognised
STEP = 20_000  # entries between two words of progress


@dataclass(frozen=True)
class Break:
    """The first thing that is wrong, and the entries it lies in (one entry: `first` == `last`)."""

    what: str  # altered, deleted, reordered, truncated, inserted, mismatch
    first: int
    last: int
    detail: str


@dataclass
class Report:
    entries: int = 0  # read until the end or the first break
    head: int = 0  # entries there should be
    checkpoints: int = 0
    outside: int = 0
    protected: int = 0  # entries up to here are proven by a checkpoint kept outside
    root: str = ""
    broken: Break | None = None

    @property
    def intact(self) -> bool:
        return self.broken is None

    @property
    def unprotected(self) -> int:
        return max(self.entries - self.protected, 0)


class _Row(NamedTuple):
    seq: int
    id: str
    at: str
    actor: str
    kind: str
    subject_kind: str
    subject: str
    area: str
    may: str
    payload: str | None  # JSON
    pruned: str
    leaf: bytes


class _Mark(NamedTuple):
    size: int
    root: str
    outside: bool


def verify(outside: Iterable[Root] = (), *, say: Callable[[int], object] = lambda n: None) -> Report:
    """Reads the whole log. `outside`: checkpoints kept elsewhere, oldest first. `say` hears how many entries
    are read."""
    head = _head()  # first: what is written meanwhile must not look as if the end were missing
    own = [_Mark(size, root, False) for size, root in Checkpoint.objects.values_list("size", "root")]
    foreign = [_Mark(r.size, r.root, True) for r in outside]
    report = Report(head=head, checkpoints=len(own), outside=len(foreign))
    report.broken = _walk(report, deque(sorted([*own, *foreign])), say)
    return report


def _head() -> int:
    return Head.objects.values_list("seq", flat=True).filter(id=1).first() or 0


def _walk(report: Report, marks: deque[_Mark], say: Callable[[int], object]) -> Break | None:
    tree, proven, before = Tree(), 0, pruned_before()
    may_be_pruned = time_text(before) if before else ""
    known = max((m.size for m in marks), default=0)
    for row in _rows():
        if row.seq != tree.size + 1:
            return Break("deleted", tree.size + 1, row.seq - 1, "missing")
        if row.seq > report.head:
            report.head = _head()  # written in one transaction with its entries: it knows those that came meanwhile
            if row.seq > report.head:
                return Break("inserted", row.seq, row.seq, f"after the head, which is {report.head}")
            report.head = row.seq
        if (found := _against_leaf(row, may_be_pruned)) is not None:
            return found
        tree.append(row.leaf)
        report.entries = tree.size
        while marks and marks[0].size <= tree.size:
            mark = marks.popleft()
            if mark.root != tree.root().hex():
                # A checkpoint of this database vouches for nothing against one kept outside.
                first, where = (report.protected, "outside") if mark.outside else (proven, "own")
                detail = f"the {where} checkpoint at {mark.size} has another root"
                return Break("mismatch", first + 1, mark.size, detail)
            proven = mark.size
            report.protected = mark.size if mark.outside else report.protected
        if tree.size % STEP == 0:
            say(tree.size)
    report.root = tree.root().hex()
    if tree.size < max(report.head, known):
        return Break("truncated", tree.size + 1, max(report.head, known), "the end is missing")
    return None


def _against_leaf(row: _Row, may_be_pruned: str) -> Break | None:
    """Whether the fields still give the leaf that was stored with them."""
    gone = row.payload is None
    if gone and not (may_be_pruned and row.at < may_be_pruned and is_access(row.kind)):  # times as text sort alike
        return Break("altered", row.seq, row.seq, "its payload is gone without a record of the deletion")
    digest = row.pruned if row.payload is None else _digest(row.payload)
    if _leaf(row, row.seq, digest) == row.leaf:
        return None
    for seq in range(max(1, row.seq - NEAR), row.seq + NEAR):
        if _leaf(row, seq, digest) == row.leaf:
            return Break("reordered", row.seq, row.seq, f"this is entry {seq}")
    return Break("altered", row.seq, row.seq, "its fields do not give its leaf")


@lru_cache(maxsize=4096)  # many events say the same
def _digest(payload: str) -> str:
    return payload_digest(json.loads(payload))


def _rows() -> Iterator[_Row]:
    """Every event in order. On SQLite past the ORM, whose conversions would take most of the time."""
    if connection.vendor != "sqlite":
        for values in Event.objects.order_by("seq").values_list(*_Row._fields).iterator(chunk_size=5000):
            row = _Row(*values)
            payload = None if row.payload is None else json.dumps(row.payload)
            yield row._replace(id=str(row.id), at=time_text(values[2]), payload=payload, leaf=bytes(row.leaf))
        return
    with connection.cursor() as cursor:
        columns = ", ".join("at || ''" if f == "at" else f for f in _Row._fields)  # an expression stays plain text
        cursor.execute(f"SELECT {columns} FROM {Event._meta.db_table} ORDER BY seq")  # noqa: S608
        for seq, i, at, *words, leaf in cursor:
            at = f"{at[:10]}T{at[11:]}{'' if len(at) > 19 else '.000000'}+00:00"
            yield _Row(seq, f"{i[:8]}-{i[8:12]}-{i[12:16]}-{i[16:20]}-{i[20:]}", at, *words, leaf)  # type: ignore[call-arg]


def _leaf(row: _Row, seq: int, digest: str) -> bytes:
    return leaf_of(
        seq=seq,
        id=row.id,
        at=row.at,
        actor=row.actor,
        kind=row.kind,
        subject_kind=row.subject_kind,
        subject=row.subject,
        area=row.area,
        may=row.may,
        payload_digest=digest,
    )
