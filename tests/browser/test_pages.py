"""Every page, in both languages, both sizes and both themes: nothing untranslated, nothing overflowing, no barrier that
axe-core calls serious (WCAG 2.2 AA), no error in the console."""
from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from screens import NARROW, WIDE
from shouwang.desk.calls.verbs import VERBS

PAGES = [
    ("", "/account/login/"), ("", "/about/"), ("", "/about/data/"), ("", "/about/limits/"),
    ("dispatcher", "/board/"), ("calltaker", "/calls/new/"), ("dispatcher", "/units/"),
    ("dispatcher", "/sites/"), ("dispatcher", "/sites/new/"), ("dispatcher", "/hazards/"), ("admin", "/alarms/"),
    ("dispatcher", "/facilities/"), ("admin", "/settings/agencies/"), ("admin", "/settings/response-plans/"),
    ("admin", "/settings/response-plans/new/"), ("admin", "/settings/alarm-levels/"),
    ("dispatcher", "/closures/"), ("dispatcher", "/cordon/"), ("planner", "/checkpoints/"), ("planner", "/exits/"),
    ("planner", "/forecast/"), ("planner", "/plan/"), ("supervisor", "/plan/"),
    ("clerk", "/matters/"), ("office", "/office/"), ("office", "/matters/new/"), ("admin", "/matters/points/D01/"),
    ("", "/r/"), ("", "/r/report/"), ("", "/r/follow/"), ("", "/r/volunteer/"), ("office", "/volunteers/"),
    ("supervisor", "/notices/"), ("supervisor", "/notices/lookout/"), ("grid", "/m/report/"), ("grid", "/m/matters/"),
    ("", "/r/urgent/"), ("", "/r/bulletins/"), ("editor", "/bulletins/"), ("editor", "/bulletins/new/"),
    ("survey", "/surveys/"), ("survey", "/surveys/new/"),
    ("mediator", "/mediation/?show=open"), ("mediator", "/mediation/new/"), ("office", "/mediation/screening/"),
    ("centre", "/mediation/figures/"),
    ("planner", "/whatif/"), ("planner", "/whatif/new/"), ("planner", "/beats/"),
    ("planner", "/rosters/"), ("planner", "/rosters/new/"), ("planner", "/rosters/entries/"),
    ("squad", "/teams/"), ("hr", "/members/"), ("guard", "/me/record/"), ("", "/join/"),
    ("planner", "/effects/"), ("planner", "/effects/new/"),
    *(("supervisor", f"/analysis/{view}/") for view in ("where", "when", "what", "repeats", "trends", "calls")),
    ("supervisor", "/analysis/response/"), ("supervisor", "/analysis/patrols/"),
    ("analyst", "/analysis/"), ("analyst", "/analysis/when/?area=stlouis/1/7/"),
    ("supervisor", "/replay/"), ("dispatcher", "/wall/"), ("dispatcher", "/linked/"),
    ("dispatcher", "/exchange/"), ("admin", "/exchange/neighbours/"), ("admin", "/exchange/neighbours/new/"),
    ("dispatcher", "/watch/"),
    ("planner", "/norms/"), ("planner", "/norms/rules/"), ("centre", "/villages/"),
    ("dispatcher", "/events/"), ("supervisor", "/warnings/"), ("leader", "/warnings/new/"),
    ("calltaker", "/inbox/"), ("supervisor", "/telephone/"), ("callback", "/visits/"), ("agency", "/agency/"),
    ("admin", "/settings/"), ("admin", "/settings/call-types/"), ("admin", "/settings/timers/"),
    ("admin", "/settings/measures/"), ("admin", "/settings/pace/"), ("admin", "/settings/terminals/"),
    ("admin", "/settings/terminals/new/"), ("admin", "/settings/jurisdiction/new/"), ("admin", "/settings/users/"),
    ("admin", "/import/"), ("auditor", "/audit/"), ("auditor", "/audit/holds/"),
    ("supervisor", "/drill/"), ("dispatcher", "/me/"),
    ("supervisor", "/quality/"), ("supervisor", "/quality/list/"), ("planner", "/cells/"), ("leader", "/rounds/"),
    ("planner", "/rosters/swaps/"), ("planner", "/rosters/day/"), ("planner", "/rosters/shares/"),
    ("member", "/me/turns/"), ("dispatcher", "/paper/"), ("dispatcher", "/board/print/"), ("", "/trust/"),
    ("office", "/office/handover/"), ("admin", "/linked/accounts/"), ("", "/r/mediation/"),
    ("member", "/m/points/"), ("member", "/m/note/"),
    ("member", "/m/"), ("member", "/m/tour/"), ("member", "/m/roster/"), ("member", "/m/task/"), ("member", "/m/me/"),
]
CJK = re.compile(r"[\u3400-\u9fff]")
DEMO_PERSON = re.compile("^示例")  # names of the demo people: a person's name is data, the same in both languages
# Text of the page itself: data (names of places, call signs, typed words) is marked by lang, empty where it is unknown.
OWN_TEXT = """() => {
  const texts = [];
  const walk = (node) => {
    if (node.nodeType === 3) { if (node.textContent.trim()) texts.push(node.textContent.trim()); return; }
    if (node.nodeType !== 1 || ["SCRIPT", "STYLE", "TEMPLATE", "CANVAS"].includes(node.tagName)) return;
    if (node.matches("[lang]:not(html)")) return;
    for (const name of ["aria-label", "title", "placeholder", "alt"]) {
      if (node.getAttribute(name)) texts.push(node.getAttribute(name));
    }
    node.childNodes.forEach(walk);
  };
  walk(document.body);
  return texts;
}"""
AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
BARRIERS = """async (only) => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const found = await axe.run(document, { runOnly: only ?? tags, resultTypes: ["violations"], preload: false });
  return found.violations.filter((v) => ["serious", "critical"].includes(v.impact))
    .map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`);
}"""
# A browser without WebGL: the plain canvas asks far less of a machine without a graphics card. The streets as they are
# with it stand in all other tests, and in pictures.
FLAT = """{
  const ask = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
    return kind === "2d" ? ask.call(this, kind, ...more) : null;
  };
}"""
# Every button that somebody sees, and what the command bar calls it: names, and buttons that have none.
COMMANDS = """async () => {
  const bar = document.querySelector("script[src*='command_anywhere']");
  if (!bar) return { names: [], bare: [], verbs: [] };
  const { buttons } = await import(new URL("command.js", bar.src));
  const had = buttons(), all = "button, [role=button], input[type=submit], input[type=button], a.btn, summary";
  const seen = [...document.querySelectorAll("#main")].flatMap((main) => [...main.querySelectorAll(all)])
    .filter((el) => el.getClientRects().length && !el.disabled);
  return { names: had.map((b) => b.name), verbs: had.map((b) => b.verb).filter(Boolean),
    bare: seen.filter((el) => !el.dataset.cmd && !had.some((b) => b.el === el)).map((el) => el.outerHTML) };
}"""
THEME = "(theme) => { document.documentElement.dataset.theme = theme; }"
# The page has not changed for so many milliseconds. A map may still be drawing: its canvas is not seen by this.
QUIET = """(still) => new Promise((done) => {
  let last = performance.now();
  const seen = new MutationObserver(() => { last = performance.now(); });
  seen.observe(document.body, { subtree: true, childList: true, attributes: true });
  const look = setInterval(() => {
    if (performance.now() - last < still) return;
    clearInterval(look);
    seen.disconnect();
    done();
  }, 25);
})"""


def name_of(who: str, path: str) -> str:
    return f"{path.strip('/').replace('/', '-').replace('?', '')}-{who or 'nobody'}"


def fits(page: Page, picture: Any, name: str, *, loaded: bool = True) -> None:
    """Once it is still, the page is no wider than the screen. A page that was `loaded` before has less to do."""
    page.evaluate(QUIET, 150 if not loaded else 75)
    picture(page, name)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def barriers(page: Page, *rules: str) -> Any:
    """What axe-core finds by all rules that WCAG 2.2 AA asks, or by these alone."""
    return page.evaluate(BARRIERS, list(rules) or None)


@pytest.mark.parametrize(("who", "path"), PAGES)
def test_page(desk: Any, picture: Any, who: str, path: str) -> None:
    script = "" if os.environ.get("SHOUWANG_PICTURES") else FLAT
    page = desk.open(who, path, size=WIDE, reduced_motion="reduce", script=script)
    name = name_of(who, path)
    fits(page, picture, f"{name}-zh-wide", loaded=False)
    page.evaluate(AXE)
    assert barriers(page) == []  # what bars somebody's way is the same in both languages
    said = page.evaluate(COMMANDS)
    assert said["bare"] == []
    assert len(said["names"]) == len(set(said["names"]))
    assert set(said["verbs"]) <= set(VERBS)
    page.evaluate(THEME, "dark")
    picture(page, f"{name}-zh-wide-dark")
    assert barriers(page, "color-contrast") == []  # nothing else depends on the theme
    page.set_viewport_size(NARROW)
    fits(page, picture, f"{name}-zh-narrow-dark")

    page.context.add_cookies([{"name": "django_language", "value": "en", "url": desk.centre.url}])
    page.reload()
    fits(page, picture, f"{name}-en-narrow", loaded=False)
    page.set_viewport_size(WIDE)
    fits(page, picture, f"{name}-en-wide")
    assert [t for t in page.evaluate(OWN_TEXT) if CJK.search(t) and not DEMO_PERSON.match(t)] == []
