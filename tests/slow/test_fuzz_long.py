"""The API holds, asked long: each operation a hundred ways, as its document allows; the fast suite asks eight."""
from __future__ import annotations

import os
from typing import Any

import pytest
from api.test_fuzz import OPERATIONS, ask
from desk.conftest import cast, clock, rules, town

__all__ = ["cast", "clock", "rules", "town"]

EXAMPLES = 12 if os.environ.get("SHOUWANG_SHORT") else 100


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_answer_breaks(method: str, path: str, cast: Any, town: Any) -> None:
    ask(method, path, cast, EXAMPLES)
