"""What an administrator takes in by file, and how anybody adds a second factor, in the browser."""
from __future__ import annotations

import re
from typing import Any

import pytest
import uuid6
from playwright.sync_api import Page, expect

from screens import Desk

OWN = "river-Lantern-42"
HEADING = "code,zh,en,kind,lon,lat,capabilities\n"


def check_file(page: Page, kind: str, name: str, text: str) -> None:
    page.locator(f"#file-{kind}").set_input_files({"name": name, "mimeType": "text/csv", "buffer": text.encode()})
    page.locator(f"section[aria-labelledby=import-{kind}] button").click()


def test_a_file_is_checked_mended_and_taken_in(desk: Desk, picture: Any) -> None:
    page = desk.open("admin", "/import/")
    bad = HEADING + "测81,测81,T81,tank,-90.25,38.63,\n测81,,T82,patrol_car,181,38.63,\n"
    check_file(page, "units", "units.csv", bad)
    faults = page.locator("#import-state tbody tr")
    expect(faults).to_have_count(4)
    for told in ("第 2 行，kind 列", "tank", "第 3 行，code 列", "第 3 行，zh 列", "第 3 行，lon 列"):
        expect(page.locator("#import-state tbody")).to_contain_text(told)
    expect(page.locator("#import-state form")).to_have_count(0)
    picture(page, "import-faults")

    page = desk.open("admin", "/import/")
    check_file(page, "units", "units.csv", HEADING + "测81,测81,T81,patrol_car,-90.25,38.63,first_aid\n")
    take = page.locator("#import-state form button")
    expect(take).to_be_visible()
    take.click()
    expect(page.locator("#import-state .tag.ok")).to_be_visible()
    page = desk.open("dispatcher", "/units/")
    expect(page.locator("main")).to_contain_text("测81")


@pytest.fixture
def newcomer(desk: Desk, picture: Any) -> tuple[str, str]:
    """The sign-in name and first password of an account that an administrator has just made."""
    name = f"key{uuid6.uuid7().hex[-8:]}"
    page = desk.open("admin", "/settings/users/")
    picture(page, "settings-users")
    page.locator("a[href='/settings/users/new/']").click()
    page.locator("#id_username").fill(name)
    page.locator("#id_name").fill("钥匙")
    page.keyboard.press("Enter")
    return name, page.locator(".secret").inner_text()


def sign_in(page: Page, name: str, password: str) -> None:
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill(password)
    page.keyboard.press("Enter")


def test_a_passkey_is_added_and_then_asked_for(desk: Desk, newcomer: tuple[str, str], picture: Any) -> None:
    page = desk.open("", "/account/login/")
    key = page.context.new_cdp_session(page)
    key.send("WebAuthn.enable")
    key.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True}})
    name, given = newcomer
    sign_in(page, name, given)
    page.locator("#id_oldpassword").fill(given)  # what an administrator read is changed first
    for field in ("#id_password1", "#id_password2"):
        page.locator(field).fill(OWN)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r":\d+/(?!account)"))
    page.goto(f"{desk.centre.url}/account/2fa/webauthn/add/")
    page.locator("#id_password").fill(OWN)  # who is signed in proves again who they are
    page.keyboard.press("Enter")
    expect(page.locator("label[for=id_name]")).to_contain_text("名称")
    page.wait_for_load_state()  # the button does nothing before its script has run
    picture(page, "passkey-add")
    page.reload()  # the picture's page of the same person has asked for a key of its own
    page.locator("#mfa_webauthn_add").click()
    expect(page.locator("main")).to_contain_text("恢复代码")
    picture(page, "passkey-added")
    page.locator("details.menu summary").click()
    page.locator("form[action$='/logout/'] button").click()
    expect(page.locator("input[name=login]")).to_be_visible()

    sign_in(page, name, OWN)
    expect(page).to_have_url(re.compile("2fa"))
    picture(page, "passkey-asked")
    page.reload()
    page.locator("#mfa_webauthn_authenticate, #mfa_webauthn_login").first.click()
    expect(page.locator(".who")).to_have_text("钥匙")
