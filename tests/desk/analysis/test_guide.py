"""What the analyst's guide tells to open opens, for the analyst as well, and is the same in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

GUIDES = Path(__file__).parents[3] / "docs" / "guides"
ADDRESS = re.compile(r"`(?:GET )?(/(?:api/)?analysis/[^`]*)`")


def test_addresses_of_the_guide_open(history: Any, cast: Any) -> None:
    english, chinese = (ADDRESS.findall((GUIDES / language / "analyst.md").read_text("utf-8")) for language in
                        ("en", "zh"))  # fmt: skip
    assert english == chinese and len(english) > 8
    for address in english:
        assert cast.supervisor.client.get(address).status_code == 200, address
        allowed = 403 if "calls" in address else 200
        assert cast.analyst.client.get(address).status_code == allowed, address
