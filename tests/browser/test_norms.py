"""Staffing norms: the gap seen, a change drafted, its cost read, approved by somebody else, and taken back before its
day."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from screens import Desk


def test_a_planner_sees_the_gap_and_a_change_of_the_norm_is_approved(
    desk: Desk, picture: Callable[[Page, str], None]
) -> None:
    page = desk.open("planner", "/norms/")
    expect(page.locator("#sums [data-sum=short]")).not_to_have_text("0")
    page.locator("#norm").select_option("urban_not_managed")
    page.locator("#show").select_option("short")
    page.locator("form[role=search] button").click()
    expect(page.locator("#gaps tbody tr[data-state=short]").first).to_be_visible()
    expect(page.locator("#gaps tbody tr:not([data-state=short])")).to_have_count(0)
    picture(page, "norms-gaps")
    page.locator("#gaps tbody tr .nm-norm a").first.click()
    page.locator("tr[data-code=urban_not_managed] a.btn").last.click()
    page.locator("#id_count").fill("6")
    page.locator("#id_guard_year_cost").fill("50000")
    page.locator("button.btn-1").click()
    expect(page.locator("#id_reason_error")).to_be_visible()  # nothing typed is lost
    expect(page.locator("#id_guard_year_cost")).to_have_value("50000")
    picture(page, "norms-draft")
    page.locator("#id_reason").fill("夜间警情增多")
    page.locator("button.btn-1").click()
    expect(page.locator("#state")).to_have_text("草案")
    more = int(page.locator("#effect [data-sum=more]").inner_text())
    assert more > 0 and page.locator("#changes tbody tr").count() == more  # one more in each of them
    paid = page.locator("#costs [data-line=new_urban_guards]")
    expect(paid.locator("[data-payer=district] b")).to_have_text(f"{more * 30_000:,}")
    expect(paid.locator("[data-payer=street] b")).to_have_text(f"{more * 20_000:,}")
    expect(page.locator("button[value=approve]")).to_have_count(0)  # who drafted it does not
    picture(page, "norms-effect")

    path = page.url.removeprefix(desk.centre.url)
    other = desk.open("centre", path)
    other.locator("button[value=approve]").click()
    expect(other.locator("#state")).to_have_text("已批准")
    page.reload()
    expect(page.locator("#state")).to_have_text("已批准")
    other.locator("#why").fill("预算未到位")
    other.locator("button[value=decline]").click()
    expect(other.locator("#state")).to_have_text("已撤回")


def test_an_office_keeps_a_village(desk: Desk, picture: Callable[[Page, str], None]) -> None:
    page = desk.open("centre", "/villages/")
    page.locator("#villages tbody tr a").first.click()
    item = page.locator("#items li[data-item=patrol_team]")
    for do, mark in (("done", ".tag.ok"), ("open", ".tag.bad")):
        if not item.locator(f"button[value={do}]").count():
            continue
        item.locator(f"button[value={do}]").click()
        expect(item.locator(mark)).to_be_visible()
    picture(page, "norms-village")
    page.locator("ul.nm-list a[href*='/norms/contracts/']").first.click()
    expect(page.locator("#payments tbody tr")).to_have_count(4)
    picture(page, "norms-contract")
