"""Seals the log: extends its Merkle tree (RFC 9162) by what is new and puts the new root down, here and elsewhere.

A checkpoint says "the first `size` events have this root". Whoever holds a copy can prove later what was
changed below it.
The worker calls `seal_up_to_now` every few seconds.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from shouwang.engine.errors import ShouwangError

from .merkle import Tree
from .models import Checkpoint, Event


class Gap(ShouwangError):
    """An event is missing from the log, so that it cannot be sealed further."""


@dataclass(frozen=True)
class Root:
    """A checkpoint as it is written down. `restored`: the log was set back to `size` by restoring a backup, and what
    earlier checkpoints say about later events belongs to a history that is gone."""

    size: int
    root: str
    at: str
    restored: bool = False


def seal_up_to_now(now: datetime) -> Root | None:
    """The new checkpoint, or None when nothing has happened since the last one. Raises Gap after sealing up to it."""
    last = Checkpoint.objects.order_by("-size").first()
    tree = Tree.load(last.size, last.frontier) if last else Tree()
    start, gap = tree.size, False
    rows = Event.objects.filter(seq__gt=start).order_by("seq").values_list("seq", "leaf")
    for seq, leaf in rows.iterator(chunk_size=5000):
        if seq != tree.size + 1:
            gap = True
            break
        tree.append(bytes(leaf))
    made = _put_down(tree, now) if tree.size > start else None
    if gap:
        raise Gap(f"log: entry {tree.size + 1} is missing; run `shouwang audit verify`")
    return made


def _put_down(tree: Tree, now: datetime) -> Root:
    with transaction.atomic():
        Checkpoint.objects.exclude(frontier="").update(frontier="")  # only the newest needs its inner hashes
        Checkpoint.objects.create(size=tree.size, root=tree.root().hex(), frontier=tree.dump(), at=now)
    made = Root(tree.size, tree.root().hex(), now.astimezone(UTC).isoformat(timespec="seconds"))
    for path in checkpoint_files():
        write_root(path, made)
    return made


def newest() -> Root | None:
    """The last checkpoint put down."""
    row = Checkpoint.objects.order_by("-size").first()
    return Root(row.size, row.root, row.at.astimezone(UTC).isoformat(timespec="seconds")) if row else None


def checkpoint_files() -> list[Path]:
    """The file beside the data, and the one elsewhere if the centre names one."""
    return [p for p in (settings.CONFIG.data / "checkpoints.jsonl", settings.CONFIG.checkpoints) if p]


def write_root(path: Path, root: Root) -> None:
    """Appends one line. A file elsewhere that cannot be written stops nothing: `verify` shows how far it reaches."""
    line = json.dumps({k: v for k, v in asdict(root).items() if v is not False}) + "\n"
    with suppress(OSError), path.open("a", encoding="utf-8") as f:
        f.write(line)
        f.flush()
        os.fsync(f.fileno())


def read_roots(path: Path) -> Iterator[Root]:
    """The checkpoints of a file, oldest first, those of histories that a restore dropped left out. A torn last line,
    as a power cut leaves it, is passed over; any other bad line raises ValueError with its number."""
    kept: list[Root] = []
    lines = path.read_text(encoding="utf-8").splitlines()
    for n, line in enumerate(lines, 1):
        try:
            fields = json.loads(line)
            root = Root(int(fields["size"]), str(fields["root"]), str(fields["at"]), bool(fields.get("restored")))
        except (ValueError, KeyError, TypeError):
            if n == len(lines):
                break
            raise ValueError(f"{path}: line {n} is not a checkpoint") from None
        if root.restored:
            kept = [r for r in kept if r.size <= root.size]
        kept.append(root)
    yield from kept
