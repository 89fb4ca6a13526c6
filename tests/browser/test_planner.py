"""The planner's page: by mouse and by keyboard, handed back and forth, and seen on the board once approved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from playwright.sync_api import Page, expect

from live import Centre, Client
from screens import MAP_HELD, NARROW, Desk


def opened(desk: Desk, who: str, tab: int, **options: Any) -> Page:
    """The plan of one shift, its map drawn."""
    plans: Any = Client(desk.centre, who).send("GET", "/api/plans")
    page = desk.open(who, f"/plan/?plan={plans.json()[tab]['id']}", **options)
    expect(page.locator("#plan-map[data-ready]")).to_be_visible()
    expect(page.locator(".map-signs [data-kind=posts]").first).to_be_attached()
    return page


def version(page: Page) -> int:
    return int(page.locator(".plan-state").get_attribute("data-version") or 0)


def changed(page: Page, before: int) -> None:
    expect(page.locator(".plan-state")).not_to_have_attribute("data-version", str(before))


def change_beside(desk: Desk, page: Page, taken: bool) -> None:
    """Another planner takes the first change or leaves it out."""
    plan = page.url.split("plan=")[1]
    unit = page.locator(".change").first.get_attribute("data-unit")
    Client(desk.centre, "planner").send("POST", f"/api/plans/{plan}/edit", {
        "kind": "take", "unit": unit, "taken": taken, "version": version(page), "key": str(uuid4())})


def state(page: Page, wanted: str) -> None:
    expect(page.locator(".plan-state")).to_have_attribute("data-state", wanted)


def test_a_planner_leaves_a_change_out_and_takes_it_again(desk: Desk) -> None:
    page = opened(desk, "planner", -1)
    first = page.locator(".change").first
    before, drive = version(page), page.locator(".cmp td.new").first.inner_text()
    first.locator("[data-taken='']").click()
    changed(page, before)
    expect(page.locator(".change.left")).to_have_count(1)
    before = version(page)
    page.locator(".change.left [data-taken='1']").click()
    changed(page, before)
    expect(page.locator(".change.left")).to_have_count(0)
    expect(page.locator(".cmp td.new").first).to_have_text(drive)


def test_a_post_is_moved_from_the_keyboard_and_moved_back(desk: Desk) -> None:
    page = opened(desk, "planner", -1)
    page.locator(".units-all summary").focus()
    page.keyboard.press("Enter")
    button = page.locator("[data-move]").first
    unit = button.get_attribute("data-move")
    row = page.locator(f"tr[data-unit='{unit}'] td").first
    place = row.inner_text()
    button.focus()
    for taken in (False, True):  # a colleague's changes come in between and take nothing from the hand
        before = version(page)
        change_beside(desk, page, taken)
        changed(page, before)
        expect(button).to_be_focused()
    before = version(page)
    page.keyboard.press("Enter")
    page.keyboard.type("Market St / N 10th St")
    expect(page.locator(".found button").first).to_be_visible()
    page.keyboard.press("Enter")
    changed(page, before)
    expect(row).not_to_have_text(place)
    expect(row).to_contain_text("Market St")
    before = version(page)
    page.keyboard.press("z")
    changed(page, before)
    expect(row).to_have_text(place)


def test_a_post_is_dragged_on_the_map(desk: Desk) -> None:
    page = opened(desk, "planner", -1, reduced_motion="reduce")
    row = page.locator(".change").first
    unit = row.get_attribute("data-unit")
    row.locator("b").click()  # the map goes there
    before = version(page)
    sign = page.locator(f".map-signs [data-kind=posts][data-id='{unit}'] text")
    sign.hover()  # once it stands still
    box = sign.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 12, y - 12, steps=4)
    page.mouse.move(x + 40, y - 30, steps=4)
    expect(page.locator(".map-signs .pin")).to_be_attached()
    page.mouse.up()
    changed(page, before)
    expect(page.locator(".map-signs .pin")).to_have_count(0)
    before = version(page)
    page.keyboard.press("z")
    changed(page, before)


def test_tonights_tours_are_changed_and_approved_and_followed(
    desk: Desk, centre: Centre, picture: Callable[[Page, str], None]
) -> None:
    """The screen path of the guide “tonight”; approved for the shift under way, so that the phone shows it at once."""
    change_a_tour(opened(desk, "planner", -1))
    page = opened(desk, "planner", 0)
    page.locator("[data-chart=seen]").click()
    expect(page.locator("#seen svg")).to_be_visible()
    approve(desk, page)
    picture(page, "plan-approved")
    on_tour = page.locator(".tour:not(.left)").evaluate_all("rows => rows.map((row) => row.dataset.unit)")
    if not (on_tour and under_way(page)):
        return  # in the last hour of a shift nobody is on tour any more; tests/desk cover the phone
    phone = desk.open("member", "/m/", size=NARROW)
    if not phone.locator("#clock-on").count():
        phone.locator("form[action$='clock-off/'] button").click()
    choice = phone.locator("select[name=unit]")
    expect(choice).to_be_visible()
    units = choice.locator("option").evaluate_all("all => all.map((one) => one.value)")
    unit = next(u for u in units if u in on_tour)
    choice.select_option(unit)
    phone.locator("#clock-on button").click()
    expect(phone.locator(".on-duty")).to_be_visible()
    phone.goto(f"{centre.url}/m/tour/")
    expect(phone.locator("[data-step=skipped]")).to_be_visible()  # the page's own script is at work
    picture(phone, "tour-phone")
    done = phone.locator("#tour li[data-state=left]").count()
    if phone.locator("[data-step=arrived]:not([hidden])").count():
        phone.locator("[data-step=arrived]").click()
        expect(phone.locator("#tour li[data-state=arrived]")).to_have_count(1)
    phone.locator("[data-step=left]:not([hidden])").click()
    expect(phone.locator("#tour li[data-state=left]")).to_have_count(done + 1)
    expect(page.locator(f".tour[data-unit='{unit}'] .progress")).to_be_attached()
    phone.goto(f"{centre.url}/m/")
    phone.locator("form[action$='clock-off/'] button").click()
    expect(phone.locator("#clock-on")).to_be_visible()


def under_way(page: Page) -> bool:
    """Whether the plan that is open is of the shift under way: in a shift's last hour the first plan is the next one's,
    because a forecast begins with a full hour."""
    return page.locator(".shifts [aria-current] .tag.info").count() > 0


def change_a_tour(page: Page) -> None:
    """Leaves a stop of the first tour out, then draws the tour again."""
    told = page.locator(".tour:not(.left)", has=page.locator("[data-edit=drop]")).first.get_attribute("data-unit")
    tour = page.locator(f".tour[data-unit='{told}']")
    tour.locator("summary").click()
    expect(page.locator(".map-signs .stop").first).to_be_attached()
    stops, before = tour.locator("[data-edit=drop]").count(), version(page)
    tour.locator("[data-edit=drop]").last.click()
    changed(page, before)
    expect(tour.locator("[data-edit=drop]")).to_have_count(stops - 1)
    before = version(page)
    tour.locator("[data-edit=draw]").click()
    changed(page, before)


def approve(desk: Desk, page: Page) -> None:
    """Brings the plan that a planner has open into force, unless it is."""
    held = page.locator(".plan-state")
    if held.get_attribute("data-state") == "approved":
        return
    if page.locator("[data-step=submit]").count():
        page.keyboard.press("Control+Enter")
        state(page, "submitted")
    over = opened(desk, "supervisor", 0)
    over.keyboard.press("Control+Enter")
    state(over, "approved")
    state(page, "approved")


def test_a_plan_goes_back_with_a_reason_and_comes_again(desk: Desk, centre: Centre) -> None:
    page = opened(desk, "planner", -1)
    page.keyboard.press("Control+Enter")
    state(page, "submitted")
    expect(page.locator("button[data-edit]")).to_have_count(0)
    over = opened(desk, "supervisor", -1)
    over.locator("[data-step=return]").click()
    over.locator("#ask-reason").fill("学校四点放学")
    over.keyboard.press("Control+Enter")
    state(over, "returned")
    state(page, "returned")  # the planner's page hears of it by itself
    expect(page.locator(".note.bad")).to_contain_text("学校四点放学")
    page.keyboard.press("Control+Enter")
    state(page, "submitted")
    page.locator("[data-step=withdraw]").click()
    state(page, "draft")


def test_the_board_shows_the_approved_plan_of_the_shift_under_way(
    desk: Desk, centre: Centre, picture: Callable[[Page, str], None]
) -> None:
    page = opened(desk, "planner", 0)
    approve(desk, page)
    told = Client(centre, "dispatcher").send("GET", "/api/plans")
    assert told is not None
    assert told.json()[0]["state"] == "approved"
    board = desk.open("dispatcher", "/board/", script=MAP_HELD)
    expect(board.locator("[data-board=ready]")).to_be_attached()
    board.locator("[data-layer=plan]").click()
    board.evaluate("letMapLoad()")
    if under_way(page):
        expect(board.locator(".map-signs .post").first).to_be_visible()
    else:
        expect(board.locator(".map-signs [data-kind=units]").first).to_be_visible()
        expect(board.locator(".map-signs .post")).to_have_count(0)
    picture(board, "board-plan")


def test_the_forecast_follows_the_hour(desk: Desk, picture: Callable[[Page, str], None]) -> None:
    page = desk.open("planner", "/forecast/")
    expect(page.locator("#fc-map[data-ready]")).to_be_visible()
    expect(page.locator(".cells-legend")).to_be_visible()
    picture(page, "forecast")
    name, areas = page.locator("#hour-name").inner_text(), page.locator("#areas").inner_text()
    page.locator("#hour").focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#hour-name")).not_to_have_text(name)
    expect(page.locator("#areas")).not_to_have_text(areas)
    page.locator("[data-table=hours]").click()
    expect(page.locator("#hours-table tbody tr")).to_have_count(48)
