"""A squadron leader's day: a lesson, equipment, a measure proposed; the guard is heard; the clerk decides and hires."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from screens import NARROW, Desk


def unfold(page: Page, do: str) -> None:
    """Opens the form that ends with this deed."""
    page.locator(f"details:has(button[name=do][value={do}]) > summary").first.click()


def test_a_leader_keeps_the_team_and_a_guard_is_heard(desk: Desk, picture: Callable[[Page, str], None]) -> None:
    page = desk.open("squad", "/teams/")
    guard = desk.open("guard", "/me/record/", size=NARROW)
    badge = guard.locator(".facts dd[lang='']").first.inner_text()
    page.goto(desk.centre.url + f"/members/?q={badge}")
    page.get_by_role("link", name=badge, exact=True).click()
    page.get_by_role("link", name=re.compile("巡防分队")).click()
    expect(page.locator("#leader")).to_contain_text("示例队员")
    unfold(page, "lesson")
    page.locator("#id_lesson-course").select_option("yearly")
    page.locator("#id_lesson-taught").select_option("conduct")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已保存")
    picture(page, "brigades-team")
    page.get_by_role("link", name=badge, exact=True).click()
    expect(page.get_by_text("作风与纪律").first).to_be_visible()
    unfold(page, "gear")
    page.locator("#id_gear-gear").select_option("radio")
    page.locator("#id_gear-number").fill("DJ-77")
    page.locator("button[value=gear]").click()
    expect(page.get_by_text("DJ-77")).to_be_visible()
    unfold(page, "case")
    page.locator("button[value=case]").click()
    expect(page.locator("#id_case-breach_error")).to_be_visible()  # at its field
    page.locator("#id_case-breach").select_option("late")
    page.locator("#id_case-grounds").fill("二十分钟后到岗")
    page.locator("button[value=case]").click()
    expect(page.locator("button[value=withdraw]")).to_be_visible()
    expect(page.locator("button[value=decide]")).to_have_count(0)  # somebody else decides
    expect(page.get_by_text("二十分钟后到岗")).to_have_count(0)
    picture(page, "brigades-member")
    guard.reload()
    expect(guard.get_by_text("二十分钟后到岗")).to_be_visible()
    guard.locator("#id_hear-statement").fill("公交停运")
    guard.locator("button[value=hear]").click()
    expect(guard.get_by_role("status")).to_contain_text("已保存")
    picture(guard, "brigades-own")
    clerk = desk.open("hr", page.url.removeprefix(desk.centre.url).partition("?")[0])
    clerk.locator("#why").fill("作出决定")
    clerk.locator("button[value=words]").click()
    expect(clerk.get_by_text("公交停运")).to_be_visible()
    unfold(clerk, "decide")
    clerk.locator("#id_decide-measure").select_option("talk")
    clerk.locator("#id_decide-decision").fill("情况属实，提醒即可")
    clerk.locator("button[value=decide]").click()
    expect(clerk.get_by_text("谈话提醒")).to_be_visible()
