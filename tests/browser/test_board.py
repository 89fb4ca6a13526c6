"""The dispatcher's board, driven as a dispatcher drives it."""
from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from live import Client
from screens import BURGLARY, FIRE, NARROW, NOISE, Desk, board, row

HAN = re.compile(r"[\u4e00-\u9fff]")


def test_a_call_comes_in_and_a_unit_goes_out(desk: Desk, take: Callable[..., dict[str, Any]],
                                             picture: Callable[[Page, str], None]) -> None:
    here, there = board(desk), board(desk)
    call = take(FIRE, 1)
    expect(here.locator("#waiting").locator(f"[data-id='{call['id']}']")).to_be_visible()
    expect(here.locator("#announce-now")).to_contain_text(call["place"])
    row(here, call).click()
    expect(here.locator("#send")).to_be_enabled()
    expect(here.locator(".recs-g").first).to_contain_text("消防")
    sent = here.locator(".rc input:checked").evaluate_all("boxes => boxes.map(b => b.dataset.name)")
    picture(here, "board")
    here.keyboard.press("Enter")
    expect(here.locator("#active").locator(f"[data-id='{call['id']}']")).to_be_visible()
    expect(there.locator("#active").locator(f"[data-id='{call['id']}']")).to_be_visible()
    expect(here.locator(".toast")).to_contain_text(sent[0])
    for name in sent:
        expect(here.locator(f".task-row[data-name='{name}']")).to_be_visible()
        expect(here.locator(".tl")).to_contain_text(name)


def test_lines_of_the_run_card_are_ticked_on_every_screen(desk: Desk, take: Callable[..., dict[str, Any]],
                                                          picture: Callable[[Page, str], None]) -> None:
    call = take(FIRE, 1)
    here, there = board(desk), board(desk)
    for page in (here, there):
        row(page, call).click()
        expect(page.locator(".run-card .n")).to_contain_text("0/")
    hydrant = ".card-line[data-code='hydrant']"
    here.locator(hydrant).click()
    expect(there.locator(hydrant)).to_have_attribute("aria-checked", "true")
    there.locator(hydrant).click()
    expect(here.locator(hydrant)).to_have_attribute("aria-checked", "false")
    here.keyboard.press("/")
    here.keyboard.type("步骤 确认水源")
    here.keyboard.press("Enter")
    expect(there.locator(hydrant)).to_have_attribute("aria-checked", "true")
    here.locator(".run-card").scroll_into_view_if_needed()
    picture(here, "run-card")


def test_z_takes_the_dispatch_back(desk: Desk, take: Callable[..., dict[str, Any]]) -> None:
    page = board(desk)
    call = take(BURGLARY, 2)
    row(page, call).click()
    expect(page.locator("#send")).to_be_enabled()
    page.keyboard.press("Enter")
    expect(page.locator("#active").locator(f"[data-id='{call['id']}']")).to_be_visible()
    expect(page.locator(".toast kbd")).to_have_text("Z")
    page.keyboard.press("z")
    expect(page.locator("#waiting").locator(f"[data-id='{call['id']}']")).to_be_visible()
    expect(page.locator(".task-row:not(.off)")).to_have_count(0)


def test_a_unit_is_taken_from_a_less_urgent_call_only_when_asked_twice(
    desk: Desk, take: Callable[..., dict[str, Any]], dispatcher: Client
) -> None:
    quarrel = take(NOISE, 3)
    told = dispatcher.send("GET", f"/api/calls/{quarrel['id']}/recommend")
    assert told is not None
    unit = next(c for s in told.json()["services"] for c in s["candidates"] if c["nearest"])
    given = {"units": [unit["unit"]], "reason": ""}
    dispatcher.send("POST", f"/api/calls/{quarrel['id']}/assign", given)
    page, grave = board(desk), take(BURGLARY, 1)
    row(page, grave).click()
    expect(page.locator(f".rc[data-unit='{unit['unit']}']")).to_have_count(0)
    page.locator(f"[data-act=pull][data-unit='{unit['unit']}']").click()
    expect(page.locator("dialog p")).to_contain_text(quarrel["number"])
    page.locator("dialog button[type=submit]").click()
    expect(page.locator(f".task-row[data-name='{unit['zh']}']")).to_be_visible()
    expect(page.locator("#waiting").locator(f"[data-id='{quarrel['id']}']")).to_be_visible()


def test_a_row_under_focus_does_not_move(desk: Desk, take: Callable[..., dict[str, Any]]) -> None:
    page = board(desk)
    first, second = take(NOISE, 3), take(NOISE, 3, lon=-90.25)
    row(page, second).click()
    expect(row(page, second)).to_be_focused()
    before = row(page, second).bounding_box()
    more = take(BURGLARY, 2, lon=-90.21)
    expect(page.locator("#let-in")).to_have_text("1 条新")
    expect(row(page, more)).to_have_count(0)
    assert row(page, second).bounding_box() == before
    urgent = take(FIRE, 1, lon=-90.26)
    expect(page.locator("#waiting [role=option]").first).to_have_attribute("data-id", urgent["id"])
    page.locator("#let-in").click()
    shown = page.locator("#waiting [role=option]").evaluate_all("rows => rows.map(r => r.dataset.id)")
    assert shown == [urgent["id"], more["id"], first["id"], second["id"]]


# Ids shown, ids wanted, the one under focus, urgent ones; then the order, those that wait, those that are gone.
ARRANGED = [
    ([], ["a", "b"], None, [], ["a", "b"], [], []),
    (["a", "b"], ["b", "a"], None, [], ["b", "a"], [], []),
    (["a", "b"], ["n", "a", "b"], "b", [], ["a", "b"], ["n"], []),
    (["a", "b"], ["n", "a", "b"], "b", ["n"], ["n", "a", "b"], [], []),
    (["a", "b"], ["a", "b", "n"], "b", [], ["a", "b", "n"], [], []),
    (["a", "b", "c"], ["b", "c"], "b", [], ["a", "b", "c"], [], ["a"]),
    (["a", "b", "c"], ["b", "a"], "b", [], ["a", "b"], [], []),
    (["a", "b"], ["n", "a"], "b", [], ["n", "a"], [], []),
]


def test_arrange(desk: Desk) -> None:
    page = desk.open("dispatcher", "/units/")
    for shown, wanted, focus, urgent, order, pending, gone in ARRANGED:
        found = page.evaluate("""async ([shown, wanted, focus, urgent]) => {
            const { arrange } = await import("/static/calls/board_state.js");
            return arrange(shown, wanted, focus, (id) => urgent.includes(id));
        }""", [shown, wanted, focus, urgent])
        assert found == {"order": order, "pending": pending, "gone": gone}, (shown, wanted, focus, urgent)


def test_keys_tick_move_and_filter(desk: Desk, take: Callable[..., dict[str, Any]]) -> None:
    page = board(desk)
    take(FIRE, 1)
    burglary = take(BURGLARY, 2)
    row(page, burglary).click()
    box = page.locator(".rc input[data-key='1']")
    expect(box).to_be_checked()
    page.keyboard.press("1")
    expect(box).not_to_be_checked()
    page.keyboard.press("k")
    expect(row(page, burglary)).to_have_attribute("aria-selected", "false")
    page.keyboard.press("j")
    expect(row(page, burglary)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("f")
    page.keyboard.type(burglary["number"])
    expect(page.locator("#waiting [role=option]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#waiting [role=option]")).to_have_count(2)
    page.keyboard.press("g")
    expect(page.locator("#only-free")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("?")
    expect(page.locator("dialog .keys")).to_contain_text("点名派")


def test_next_set_ticks_other_units(desk: Desk, take: Callable[..., dict[str, Any]]) -> None:
    page = board(desk)
    row(page, take(NOISE, 3)).click()
    ticked = page.locator(".rc input:checked")
    expect(ticked).not_to_have_count(0)
    before = ticked.evaluate_all("boxes => boxes.map(b => b.value)")
    page.keyboard.press("x")
    after = ticked.evaluate_all("boxes => boxes.map(b => b.value)")
    assert len(after) == len(before) and not set(after) & set(before)


def test_a_unit_that_is_not_recommended_needs_a_reason(desk: Desk, take: Callable[..., dict[str, Any]]) -> None:
    page = board(desk)
    call = take(NOISE, 3)
    row(page, call).click()
    expect(page.locator("#send")).to_be_enabled()
    page.keyboard.press("d")
    dialog = page.locator("dialog")
    dialog.locator("#byname").fill("消3")
    page.keyboard.press("Enter")
    expect(dialog.locator("#byname-why")).to_be_visible()
    dialog.locator("#byname-reason").fill("顺路")
    dialog.locator("[type=submit]").click()
    expect(page.locator(".task-row")).to_contain_text("消")
    expect(page.locator(".tl")).to_contain_text("顺路")


def test_the_command_bar_says_what_enter_will_do(desk: Desk, take: Callable[..., dict[str, Any]]) -> None:
    page = board(desk)
    call = take(BURGLARY, 2)
    page.keyboard.press("/")
    expect(page.locator("#cmd-in")).to_be_focused()
    page.keyboard.type(f"去 {call['number'][-4:]}")
    expect(page.locator("#cmd-says")).to_contain_text(call["number"])
    page.keyboard.press("Enter")
    expect(row(page, call)).to_have_attribute("aria-selected", "true")
    expect(page.locator(".call-pane")).to_have_attribute("data-number", call["number"])


def test_a_unit_is_moved_and_the_call_closed_and_opened_again(desk: Desk, take: Callable[..., dict[str, Any]]) -> None:
    page = board(desk)
    call = take(BURGLARY, 2)
    row(page, call).click()
    expect(page.locator("#send")).to_be_enabled()
    page.keyboard.press("Enter")
    for move in ("a_ack", "a_go", "a_scene"):
        page.locator(".task-row").first.locator(f"[data-move={move}]").click()
        expect(page.locator(".task-row").first.locator(f"[data-move={move}]")).to_have_count(0)
    expect(row(page, call)).to_contain_text("到场")
    page.locator("[data-act=close]").click()
    page.locator("dialog select").select_option("settled")
    page.locator("dialog [type=submit]").click()
    expect(page.locator("#closed").locator(f"[data-id='{call['id']}']")).to_be_visible()
    page.locator("[data-act=reopen]").click()
    page.locator("dialog textarea").fill("又打来了")
    page.locator("dialog [type=submit]").click()
    expect(page.locator("#waiting").locator(f"[data-id='{call['id']}']")).to_be_visible()
    expect(page.locator(".tl")).to_contain_text("又打来了")


def test_merging_and_the_callers_number(
    desk: Desk, take: Callable[..., dict[str, Any]], dispatcher: Client
) -> None:
    page = board(desk)

    def news(text: str) -> None:
        dispatcher.send("POST", f"/api/calls/{other['id']}/notes", {"text": text})
        expect(page.locator(".tl")).to_contain_text(text)

    main, other = take(BURGLARY, 2), take(BURGLARY, 2, lon=-90.2326)
    row(page, other).click()
    expect(page.locator("#caller")).not_to_contain_text("555")
    page.locator("[data-act=reveal]").click()
    page.locator("dialog textarea").fill("回拨问门牌")
    news("狗在叫")  # the pane is made anew under the question, and again under the answer
    page.locator("dialog [type=submit]").click()
    expect(page.locator("#caller")).to_contain_text("314-555-0100")
    news("门开着")
    expect(page.locator("#caller")).to_contain_text("314-555-0100")
    page.locator("[data-act=merge]").click()
    page.locator("dialog select").select_option(main["id"])
    page.locator("dialog [type=submit]").click()
    expect(row(page, other)).to_have_count(0)
    row(page, main).click()
    expect(page.locator(".call-pane .facts")).to_contain_text(other["number"])


def test_a_press_is_not_lost_when_news_come_before_the_release(
    desk: Desk, take: Callable[..., dict[str, Any]], dispatcher: Client
) -> None:
    page, call = board(desk), take(NOISE, 3)
    row(page, call).click()
    expect(page.locator("#send")).to_be_enabled()
    page.locator("[data-act=note]").hover()
    page.mouse.down()
    with page.expect_response(lambda answer: f"/board/call/{call['id']}/" in answer.url):
        dispatcher.send("POST", f"/api/calls/{call['id']}/notes", {"text": "灯坏了"})
    expect(page.locator("html")).to_have_attribute("data-board", "ready")  # the page has had time to take it in
    page.mouse.up()
    expect(page.locator("dialog textarea")).to_be_visible()
    expect(page.locator(".tl")).to_contain_text("灯坏了")


LINE_DROPS_ONCE = """() => {
    const fetched = window.fetch;
    window.tries = [];
    window.fetch = (url, options) => {
        if (!String(url).endsWith("/assign")) return fetched(url, options);
        tries.push(JSON.parse(options.body).key);
        return tries.length === 1 ? Promise.reject(new TypeError("the line dropped")) : fetched(url, options);
    };
}"""


def test_a_failed_order_is_said_and_tried_again_once(desk: Desk, take: Callable[..., dict[str, Any]]) -> None:
    page = board(desk)
    call = take(BURGLARY, 2)
    row(page, call).click()
    expect(page.locator("#send")).to_be_enabled()
    page.evaluate(LINE_DROPS_ONCE)  # routing in the driver reaches a page too late when the machine is busy
    page.keyboard.press("Enter")
    expect(page.locator(".toast.bad")).to_contain_text("没有发出")
    page.locator(".toast.bad .btn").click()
    expect(page.locator("#active").locator(f"[data-id='{call['id']}']")).to_be_visible()
    first, second = page.evaluate("tries")
    assert first == second


def test_the_screen_says_when_the_line_is_down(desk: Desk) -> None:
    page = board(desk)
    found = page.evaluate("""async () => {
        const { showState } = await import("/static/desk/live.js");
        const dot = document.createElement("span"), bar = document.createElement("div");
        const say = (state, age_s, stopped = null) => {
            showState(dot, bar, { state, age_s, stopped }, () => "22:46:10");
            return [dot.className, dot.textContent, bar.hidden ? "" : bar.textContent];
        };
        return [say("live", 1), say("stale", 14), say("stale", 70, new Date()), say("off", 5), say("ended", 5)];
    }""")
    assert found == [
        ["live", "实时", ""], ["live stale", "14 秒没有新数据", ""],
        ["live stale", "70 秒没有新数据", "数据停在 22:46:10。时钟照走，正在重连。"],
        ["live off", "已断开", "实时连接断开，内容可能过时，正在重连。"],
        ["live off", "已断开", "登录已失效，重新登录后继续。"]]


def test_two_tabs_share_one_stream(desk: Desk, take: Callable[..., dict[str, Any]]) -> None:
    first = board(desk)
    call = take(NOISE, 3)
    second = first.context.new_page()
    second.goto(first.url)
    expect(second.locator("html")).to_have_attribute("data-board", "ready")
    later = take(NOISE, 3, lon=-90.25)
    for page in (first, second):
        expect(row(page, call)).to_be_visible()
        expect(row(page, later)).to_be_visible()


def test_english_shows_no_chinese(desk: Desk, take: Callable[..., dict[str, Any]],
                                  picture: Callable[[Page, str], None]) -> None:
    call = take(FIRE, 1)
    page = board(desk, language="en", theme="dark")
    row(page, call).click()
    expect(page.locator("#send")).to_be_enabled()
    picture(page, "board-dark-en")
    text = page.evaluate("""() => {
        const skip = "script, .menu, .tl, [lang=zh-CN]", out = [];
        const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walk.nextNode()) if (!walk.currentNode.parentElement.closest(skip)) out.push(walk.currentNode.data);
        for (const e of document.querySelectorAll("[aria-label], [placeholder], [title]"))
            if (!e.closest(skip)) out.push(e.getAttribute("aria-label"), e.placeholder, e.title);
        return out.filter(Boolean);
    }""")
    assert [t for t in text if HAN.search(t)] == []


def test_on_a_phone_the_panes_are_tabs(desk: Desk, take: Callable[..., dict[str, Any]],
                                       picture: Callable[[Page, str], None]) -> None:
    call = take(FIRE, 1)
    page = board(desk, size=NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    row(page, call).click()
    expect(page.locator("#pane-detail")).to_be_visible()
    expect(page.locator("#pane-list")).to_be_hidden()
    expect(page.locator("#send")).to_be_enabled()
    picture(page, "board-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.locator("#tab-map").click()
    expect(page.locator("#map .map-base").first).to_be_visible()


def test_the_map_draws_what_the_lists_hold(desk: Desk, take: Callable[..., dict[str, Any]]) -> None:
    page = board(desk)
    call = take(FIRE, 1)
    expect(page.locator("#map")).to_have_attribute("data-ready", re.compile("gl|flat"))
    expect(page.locator(f".map-signs [data-kind=calls][data-id='{call['id']}']")).to_have_count(1)
    shown = page.locator("#units [data-unit]").evaluate_all("b => b.map(e => e.dataset.unit).sort()")
    drawn = page.locator(".map-signs [data-kind=units]").evaluate_all("g => g.map(e => e.dataset.id).sort()")
    assert drawn == shown and len(drawn) > 20


def test_without_webgl_streets_are_drawn_flat(desk: Desk) -> None:
    page = desk.open("dispatcher", "/units/")
    page.add_init_script("HTMLCanvasElement.prototype.getContext = new Proxy(HTMLCanvasElement.prototype.getContext, "
                         "{apply: (f, self, args) => args[0].startsWith('webgl') ? null : f.apply(self, args)})")
    page.goto(page.url.replace("/units/", "/board/"))
    expect(page.locator("#map")).to_have_attribute("data-ready", "flat")
    expect(page.locator(".map-signs [data-kind=units]").first).to_be_attached()


def test_the_list_of_units_filters_and_changes_states(desk: Desk) -> None:
    page = desk.open("dispatcher", "/units/")
    expect(page.locator("#shown")).to_contain_text("显示")
    page.locator("#find").fill("巡09")
    found = page.locator("#units tr[data-unit]:visible")
    expect(found).to_have_count(1)
    found.locator("[data-move=u_post]").click()
    expect(found.locator(".state-name")).to_have_text("驻点")
    expect(found.locator(".unit")).to_have_class(re.compile("post"))
    found.locator("[data-move=u_move]").click()
    expect(found.locator(".state-name")).not_to_have_text("驻点")
    page.locator("#find").fill("zzz")
    expect(page.locator("#none")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_text("导出 CSV").click()
    assert saved.value.suggested_filename.endswith(".csv")
    assert "P09" in saved.value.path().read_text(encoding="utf-8-sig")
