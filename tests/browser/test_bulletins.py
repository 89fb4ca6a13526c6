"""A bulletin is written, signed off by somebody else and read by a resident, who then answers a survey."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from screens import NARROW, Desk


def test_a_bulletin_from_the_editor_to_the_resident(desk: Desk, picture: Any) -> None:
    editor = desk.open("editor", "/bulletins/new/")
    title = f"公报 {editor.evaluate('Date.now()')}"
    editor.locator("[name=zh]").fill(title)
    editor.locator("form.fields .btn-1").click()
    expect(editor.locator("#id_text_zh_error, .err").first).to_be_visible()  # the text is missing
    editor.locator("[name=text_zh]").fill("本月楼道充电 16 处已清理，请把电动车停进车棚。")
    editor.locator("[name=en]").fill("Sheds")
    editor.locator("[name=text_en]").fill("16 chargers were cleared from stairways. Please charge in the shed.")
    editor.locator("form.fields .btn-1").click()
    expect(editor.locator("#state")).to_be_visible()
    picture(editor, "bulletin-draft")
    editor.locator("[value=submit]").click()
    expect(editor.locator("[value=submit]")).to_have_count(0)

    centre = desk.open("centre", "/bulletins/")
    centre.get_by_role("link", name=title).click()
    picture(centre, "bulletin-sign-off")
    centre.locator("[value=publish]").click()
    expect(centre.locator("[value=withdraw]")).to_be_visible()

    phone = desk.open("", "/r/", size=NARROW)
    phone.locator(".ph-nav a").last.click()
    phone.locator("a.card").filter(has_text=title).first.click()
    picture(phone, "resident-bulletin")
    expect(phone.locator("article")).to_contain_text("16")


def test_a_survey_is_opened_and_answered_without_a_name(desk: Desk, picture: Any) -> None:
    manager = desk.open("survey", "/surveys/new/")
    manager.locator("[name=zh]").fill("安全感问卷")
    manager.locator("[name=en]").fill("Do you feel safe?")
    for name, days in (("opens_on", 0), ("closes_on", 5)):
        here = "new Date(Date.now() + n * 864e5 - new Date().getTimezoneOffset() * 6e4).toISOString().slice(0, 10)"
        manager.locator(f"[name={name}]").fill(manager.evaluate(f"(n) => {here}", days))
    manager.locator("[name=own]").fill("车棚够用吗？| Are the sheds enough?\n够 | Yes\n不够 | No")
    manager.locator("form.fields .btn-1").click()
    picture(manager, "survey-draft")
    manager.locator("[value=open]").click()
    expect(manager.locator("[value=close]")).to_be_visible()

    phone = desk.open("", "/r/", size=NARROW)
    phone.locator("a.card").filter(has_text="安全感问卷").first.click()
    expect(phone.locator("html[data-survey=ready]")).to_be_attached()
    phone.locator("button[form=survey]").click()
    expect(phone.locator("#answers-err")).to_be_visible()
    phone.locator("fieldset#safe input").nth(1).check()
    phone.locator("fieldset#own1 input").first.check()
    picture(phone, "resident-survey")
    phone.locator("button[form=survey]").click()
    expect(phone.locator("#done")).to_be_visible()
    manager.reload()
    expect(manager.locator("dl.facts")).to_contain_text("1")
