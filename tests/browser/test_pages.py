"""Every page, in both languages, both themes and both sizes: nothing untranslated, nothing overflowing, no error."""
from __future__ import annotations

import re
from typing import Any

import pytest

from screens import NARROW, WIDE

PAGES = [
    ("", "/account/login/"), ("", "/about/"), ("", "/about/data/"), ("", "/about/limits/"),
    ("dispatcher", "/board/"), ("calltaker", "/calls/new/"), ("dispatcher", "/units/"),
    ("planner", "/forecast/"), ("planner", "/plan/"), ("supervisor", "/plan/"),
    ("admin", "/settings/"), ("auditor", "/audit/"), ("dispatcher", "/me/"),
    ("member", "/m/"), ("member", "/m/task/"), ("member", "/m/me/"),
]
CJK = re.compile(r"[\u3400-\u9fff]")
# Text of the page itself: data (names of places, call signs, typed words) is marked lang or data-content.
OWN_TEXT = """() => {
  const texts = [];
  const walk = (node) => {
    if (node.nodeType === 3) { if (node.textContent.trim()) texts.push(node.textContent.trim()); return; }
    if (node.nodeType !== 1 || ["SCRIPT", "STYLE", "TEMPLATE", "CANVAS"].includes(node.tagName)) return;
    if (node.matches("[lang]:not(html), [data-content]")) return;
    for (const name of ["aria-label", "title", "placeholder", "alt"]) {
      if (node.getAttribute(name)) texts.push(node.getAttribute(name));
    }
    node.childNodes.forEach(walk);
  };
  walk(document.body);
  return texts;
}"""


@pytest.mark.parametrize(("who", "path"), PAGES)
def test_english_pages_are_english(desk: Any, who: str, path: str) -> None:
    page = desk.open(who, path, language="en")
    page.wait_for_load_state("networkidle") if not who else page.wait_for_timeout(1200)
    assert [t for t in page.evaluate(OWN_TEXT) if CJK.search(t)] == []


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(("who", "path"), PAGES)
def test_nothing_overflows(desk: Any, picture: Any, who: str, path: str, language: str, size: dict[str, int]) -> None:
    page = desk.open(who, path, language=language, size=size)
    page.wait_for_timeout(800)
    picture(page, f"{path.strip('/').replace('/', '-') or 'home'}-{who or 'nobody'}-{language}-{size['width']}")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


@pytest.mark.parametrize(("who", "path"), PAGES)
def test_dark_pages_open(desk: Any, picture: Any, who: str, path: str) -> None:
    page = desk.open(who, path, theme="dark")
    page.wait_for_timeout(500)
    picture(page, f"{path.strip('/').replace('/', '-') or 'home'}-{who or 'nobody'}-dark")
    assert page.locator("h1, h2").count() >= 1
