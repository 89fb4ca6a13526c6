"""The planner's guide, step by step: what it names stands on the pages, and its programs' addresses answer."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from shouwang.desk.patrol.models import Plan

GUIDES = Path(__file__).parents[3] / "docs" / "guides"
SECTIONS = {"/forecast/": 0, "/plan/": 1}
ELSEWHERE = {  # what a page says where a result is so, and a setting
    "说不准", "Forecasts count what patrols found too: why", "预测也计入巡逻自行发现的警情：理由",
}
SAID = re.compile(r"“([^”]+)”")


def section(language: str, number: int) -> str:
    """A section of the guide that tells of a page."""
    return (GUIDES / language / "planner.md").read_text("utf-8").split("\n## ")[1 + number]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("page", SECTIONS)
def test_what_the_guide_calls_by_name_stands_on_the_page(
    page: str, language: str, plans: list[Plan], cast: Any
) -> None:
    client = cast.planner.client
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en" if language == "en" else "zh-hans"
    shown = client.get(page).content.decode()
    if page == "/plan/":
        shown += client.get(f"/plan/{plans[0].id}/side/").content.decode()
        client.post(f"/api/plans/{plans[0].id}/submit", "{}", content_type="application/json")
        shown += client.get(f"/plan/{plans[0].id}/side/").content.decode()
    labels = SAID.findall(section(language, SECTIONS[page]))
    assert len(labels) >= 4 and {label for label in labels if label not in shown} <= ELSEWHERE


def test_addresses_for_programs_answer(plans: list[Plan], cast: Any, town: Any) -> None:
    told = re.findall(r"`(GET|POST) (/api/(?:forecast|plans)[^`]*)`", (GUIDES / "en/planner.md").read_text("utf-8"))
    assert len(told) >= 5
    move = {"kind": "move", "unit": str(town.units["P03"].id), "lon": -90.23, "lat": 38.64, "version": 1}
    for method, address in told:
        path, body = address.replace("{id}", str(plans[0].id)), json.dumps(move) if method == "POST" else ""
        answer = cast.planner.client.generic(method, path, body, content_type="application/json")
        assert answer.status_code == 200, (address, answer.content)
