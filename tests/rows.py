"""Rows made once for several tests."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction


@contextmanager
def undone(blocker: Any) -> Iterator[None]:
    """For fixtures of a module: what is written inside lasts for its tests and is undone at the end."""
    block = transaction.atomic()
    block._from_testcase = True  # as in django.test.TestCase: durable blocks may lie inside
    with blocker.unblock(), block:
        try:
            yield
        finally:
            transaction.set_rollback(True)
