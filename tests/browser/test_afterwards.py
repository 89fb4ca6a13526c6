"""What comes after: a sheet of paper is entered with its own times, and a caller is asked how it went."""
from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import uuid6
from playwright.sync_api import Page, expect

from live import Centre, Client
from screens import BURGLARY, NARROW, Desk

ZONE = ZoneInfo("America/Chicago")
LANGUAGES = ("zh-hans", "en")
DRAW = """
import django
django.setup()
from django.utils import timezone
from shouwang.desk.channels.actions import draw
from shouwang.desk.channels.models import Draw
Draw.objects.all().delete()
draw(timezone.now())
"""  # the lots of yesterday were drawn when the centre began


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sheet_is_entered_with_its_true_times(desk: Desk, language: str, picture: Any) -> None:
    page = desk.open("dispatcher", "/paper/", language=language)
    came = datetime.now(ZONE).replace(microsecond=0) - timedelta(minutes=50)
    at = {name: came + timedelta(minutes=m) for name, m in (
        ("assigned0", 2), ("on_scene0", 11), ("ended0", 40), ("closed_at", 48))}
    mark = str(uuid6.uuid7())[-6:]
    page.locator("[name=place]").fill(f"Paper St {mark}")
    page.locator("[name=point]").fill("38.6395, -90.2325")
    page.locator("[name=type]").select_option(BURGLARY)
    listed = Client(desk.centre, "dispatcher").send("GET", "/api/units")
    assert listed is not None
    guards = [u["id"] for u in listed.json() if u["service"] == "guard"]  # no other test sends these
    page.locator("[name=unit0]").select_option(guards[LANGUAGES.index(language)])
    for name, moment in {"received_at": came, **at, "assigned0": came - timedelta(minutes=2)}.items():
        page.locator(f"[name={name}]").fill(f"{moment:%Y-%m-%dT%H:%M:%S}")
    page.locator("[name=disposition]").select_option(index=1)
    page.locator("[name=reason]").fill("power cut")
    page.locator("button.btn-1").click()
    expect(page.locator("[role=alert]")).to_be_visible()  # sent before it came in
    expect(page.locator("[name=place]")).to_have_value(f"Paper St {mark}")
    page.locator("[name=assigned0]").fill(f"{at['assigned0']:%Y-%m-%dT%H:%M:%S}")
    picture(page, "dispatcher-paper", only=language[:2])
    page.locator("button.btn-1").click()
    number = str(page.locator(".note.ok").text_content()).split()[0]
    line = page.locator("tbody tr", has_text=number)
    expect(line).to_contain_text(f"{came:%Y-%m-%d %H:%M:%S}")
    entered = datetime.strptime(str(line.locator("td").last.text_content()), "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE)
    assert timedelta(minutes=49) < entered - came < timedelta(hours=1)

    found = Client(desk.centre, "dispatcher").send("GET", "/api/calls?limit=50")
    assert found is not None
    call = next(c for c in found.json() if c["number"] == number)
    assert datetime.fromisoformat(call["received"]) == came
    board = desk.open("dispatcher", f"/board/#{call['id']}", language=language)
    story = board.locator(".tl")
    for moment in (came, at["on_scene0"], at["closed_at"]):
        expect(story).to_contain_text(f"{moment:%H:%M:%S}")
    expect(story.locator("li").first).to_contain_text(f"{entered:%H:%M}")


@pytest.fixture
def drawn(centre: Centre) -> str:
    """A caller of yesterday, who may be called back, was drawn: the place of the call."""
    desk, place, yesterday = Client(centre, "dispatcher"), f"Grand Blvd {uuid6.uuid7().hex[-6:]}", midday()
    answer = desk.send("POST", "/api/calls/paper", {
        "call": {"id": str(uuid6.uuid7()), "type": BURGLARY, "place": place, "lon": -90.2325, "lat": 38.6395,
                 "received_at": yesterday.isoformat(),
                 "caller": {"name": "Ann", "number": "314-555-0142", "words": "x", "ticks": ["call_back"]}},
        "closed_at": (yesterday + timedelta(minutes=30)).isoformat(), "disposition": "helped", "reason": "power cut"})
    assert answer is not None and answer.status_code == 200, answer and answer.text
    env = centre.env | {"DJANGO_SETTINGS_MODULE": "shouwang.desk.settings"}
    subprocess.run([sys.executable, "-c", DRAW], env=env, check=True, timeout=300)
    return place


def midday() -> datetime:
    """Of yesterday, where the centre is."""
    return (datetime.now(ZONE) - timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0).astimezone(UTC)


def choose(page: Page, **given: str) -> None:
    for name, value in given.items():
        page.locator(f"dialog select[name={name}]").select_option(value)
    page.locator("dialog button[type=submit]").click()


def test_a_caller_is_asked_and_the_rating_is_kept(desk: Desk, drawn: str, picture: Any) -> None:
    page = desk.open("callback", "/visits/")
    expect(page.locator("html")).to_have_attribute("data-visits", "ready")
    row = page.locator("[data-visit]", has_text=drawn)
    other = desk.open("clerk", "/visits/", size=NARROW, language="en")
    row.locator("[data-act=claim]").click()
    expect(row).to_contain_text("由你处理")
    expect(row.locator("[data-number]")).to_have_text("")
    row.locator("[data-act=number]").click()
    expect(row.locator("[data-number]")).to_have_text("314-555-0142")
    picture(page, "callback-list")
    row.locator("[data-act=end][data-result=no_answer]").click()
    expect(row).to_contain_text("1 次")  # it waits again, and says how often it was tried
    row.locator("[data-act=claim]").click()
    row.locator("[data-act=rate]").click()
    choose(page, rating="5", why=str(page.locator("dialog select[name=why] option").last.get_attribute("value")))
    expect(row).to_have_count(0)
    expect(other.locator("[data-visit]", has_text=drawn)).to_have_count(0)
    page.reload()
    expect(page.locator(".ch-kpi").first).to_contain_text(re.compile("已了结|其中"))
    audit = desk.open("auditor", "/audit/")
    expect(audit.locator("tbody tr", has_text="回访").first).to_be_visible()
