"""The area leader's guide to “Did it work?”, step by step: its names stand on the pages, its addresses answer."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from .conftest import BEGAN, TREATED, WEEKS

GUIDES = Path(__file__).parents[3] / "docs" / "guides"
NEW_ID = "0193f0d0-3333-7000-8000-000000000000"
ASKED = {"area": "t/", "treated": list(TREATED), "began": BEGAN.isoformat(), "weeks": WEEKS}


def steps(language: str) -> str:
    return (GUIDES / language / "area-leader.md").read_text("utf-8").split("\n## ")[1]


def post(cast: Any, path: str, body: dict[str, Any]) -> Any:
    return cast.leader.client.post(path, json.dumps(body), content_type="application/json")


def test_the_steps_for_programs_lead_to_a_file(record: Any, cast: Any) -> None:
    record(0.5)
    told = re.findall(r"`(GET|POST) (/api/[^`]*)`", steps("en"))
    assert sorted(told) == sorted(re.findall(r"`(GET|POST) (/api/[^`]*)`", steps("zh")))
    assert {path for _method, path in told} == {"/api/effects/proposal", "/api/effects", "/api/effects/{id}",
                                                "/api/effects/{id}/file?kind=pdf"}  # fmt: skip
    proposed = post(cast, "/api/effects/proposal", ASKED).json()
    question = {"id": NEW_ID, "title": "More walks", "control": proposed["control"], "near": proposed["near"]}
    asked = post(cast, "/api/effects", ASKED | question)
    assert asked.status_code == 200 and asked.json()["figures"]["main"]
    assert cast.leader.client.get(f"/api/effects/{NEW_ID}").json()["id"] == NEW_ID
    for kind, begins in (("pdf", b"%PDF"), ("docx", b"PK"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf")):
        answer = cast.leader.client.get(f"/api/effects/{NEW_ID}/file?kind={kind}")
        assert answer.status_code == 200 and answer.content.startswith(begins)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_the_guide_calls_by_name_stands_on_the_pages(record: Any, ask: Any, cast: Any, language: str) -> None:
    record(0.5)
    review = ask()
    client = cast.leader.client
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en" if language == "en" else "zh-hans"
    pages = ("/effects/", "/effects/new/", f"/effects/{review.id}/")
    shown = "".join(client.get(page).content.decode() for page in pages)
    said = re.findall(r"“([^”]+)”", steps(language))
    results = [one for one in said if one not in shown]
    assert len(said) >= 8 and len(results) <= 1, results  # one sentence of a result that need not be this one's
