"""The analyst's way: a filter kept in the address, a chart with its table, a number that leads to its calls, a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from screens import Desk


def test_from_a_filter_to_the_calls_behind_a_number(desk: Desk, picture: Callable[[Page, str], None]) -> None:
    page = desk.open("supervisor", "/analysis/")
    expect(page.locator("#map[data-ready]")).to_be_visible()
    expect(page.locator("#legend span").first).to_be_visible()
    expect(page.locator("#legend span")).to_have_count(5)
    whole = page.locator("#counted b").inner_text()
    picture(page, "analysis-where")
    box = page.locator("#map").bounding_box()
    assert box
    for part in range(20, 80, 3):  # down the middle of the city, until a square is met
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * part / 100)
        page.wait_for_timeout(200)
        if "/calls/" in page.url:
            break
    assert "cell=" in page.url
    expect(page.locator("#calls tbody tr").first).to_be_visible()
    page.go_back()
    page.locator(".an-kinds summary").focus()
    page.keyboard.press("Enter")
    page.locator("input[name=kind][value=burglary]").check()
    page.keyboard.press("Escape")
    page.locator("#shift").select_option("23:00")
    page.locator("#filter button[type=submit]").click()
    page.wait_for_url("**kind=burglary**")
    asked = parse_qs(urlsplit(page.url).query, keep_blank_values=True)
    assert (asked["kind"], asked["shift"], "" in asked["area"]) == (["burglary"], ["23:00"], False)
    expect(page.locator("#counted b")).not_to_have_text(whole)
    counted = page.locator("#counted b").inner_text()

    page.locator(".an-tabs a", has_text="什么时候").click()  # the filter stays
    expect(page.locator("#counted b")).to_have_text(counted)
    expect(page.locator("#heat td a")).to_have_count(168 - page.locator("#heat td:not(:has(a))[class]").count())
    picture(page, "analysis-when")
    page.locator("details.an-fold", has=page.locator("#hours")).locator("summary").click()
    link = page.locator("#hours td a").first
    n = link.inner_text()
    with page.expect_download() as saved:
        page.locator("a[href*='hours.csv']").click()
    assert n in Path(saved.value.path()).read_text(encoding="utf-8-sig").splitlines()[1].split(",")
    link.click()
    expect(page.locator(".an-head b")).to_have_text(n)
    expect(page.locator("#calls tbody tr").first).to_contain_text("入室盗窃")
    page.go_back()
    page.locator(".an-tabs a", has_text="走势").click()
    expect(page.locator("#control circle")).not_to_have_count(0)
    picture(page, "analysis-trends")


def test_who_may_not_see_calls_meets_no_small_number(desk: Desk) -> None:
    page = desk.open("analyst", "/analysis/when/?kind=arson")
    expect(page.locator(".an-note")).to_contain_text("1 到 10")
    expect(page.locator("a[href*='/analysis/calls/']")).to_have_count(0)
    counts = page.locator("#week tbody td:nth-child(3)").all_inner_texts()
    assert len(counts) == 168 and not {str(n) for n in range(1, 11)} & set(counts)
