"""What a line of the command bar means."""
from __future__ import annotations

import pytest
from django.utils import translation

from shouwang.desk.calls.buttons import Seen, buttons_of, plain
from shouwang.desk.calls.commands import Choices, Named, parse, verb_names, verbs_of
from shouwang.desk.calls.verbs import VERBS

CALLS = [Named("c62", ("1121-0962", "0962", "962")), Named("c63", ("1121-0963", "0963", "963")),
         Named("c12", ("1121-0012", "0012", "12"))]
UNITS = [Named("f31", ("F31", "消31")), Named("f32", ("F32", "消32")), Named("t21", ("T21", "交21")),
         Named("p05", ("P05", "巡05"))]
MOVES = [Named("unit:available", ("Available", "av")), Named("assignment:on_scene", ("On scene", "os"))]
RESULTS = [Named("false_alarm", ("False alarm", "误报")), Named("settled", ("Settled on the spot",))]
CHOICES = Choices(CALLS, UNITS, MOVES, RESULTS, levels=[Named(str(n), (f"Level {n}", str(n))) for n in (1, 2, 3)],
                  pages=[Named("units", ("Units", "units")), Named("linked", ("Linked agencies",))], selected=CALLS[0])


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(("line", "verb", "call", "main", "units", "value"), [
    ("派 消31", "dispatch", "c62", "", ("f31",), ""),
    ("dispatch F31 T21 0963", "dispatch", "c63", "", ("f31", "t21"), ""),
    ("d f31, t2 63", "dispatch", "c63", "", ("f31", "t21"), ""),
    ("派 ｆ３１ ０９６３", "dispatch", "c63", "", ("f31",), ""),
    ("并 0963 0962", "merge", "c63", "c62", (), ""),
    ("m 963", "merge", "c62", "c63", (), ""),
    ("结 0963 误报", "close", "c63", "", (), "false_alarm"),
    ("close false alarm", "close", "c62", "", (), "false_alarm"),
    ("/s p05 av", "state", "", "", ("p05",), "unit:available"),
    ("s 巡05 on scene", "state", "", "", ("p05",), "assignment:on_scene"),
    ("去 0963", "goto", "c63", "", (), ""),
    ("g p", "goto", "", "", ("p05",), ""),
    ("围 0963", "ring", "c63", "", (), ""),
    ("ring", "ring", "c62", "", (), ""),
    ("接", "new", "", "", (), ""),
    ("send unit:F31,T21 call:0963", "dispatch", "c63", "", ("f31", "t21"), ""),
    ("close call:0963 result:false alarm", "close", "c63", "", (), "false_alarm"),
    ("cl res:误报 call:0963", "close", "c63", "", (), "false_alarm"),
    ("level 0963 2", "level", "c63", "", (), "2"),
    ("级 2 理由:有刀", "level", "c62", "", (), "2"),
    ("pull p05 0963", "pull", "c63", "", ("p05",), ""),
    ("撤 消31", "down", "", "", ("f31",), ""),
    ("open units", "open", "", "", (), "units"),
])
def test_a_line_that_is_complete(line, verb, call, main, units, value):
    d = parse(line, CHOICES)
    assert (d.ready, d.verb, d.call, d.main, d.units, d.value) == (True, verb, call, main, units, value)


@pytest.mark.parametrize(("line", "sentence"), [
    ("派 消31", "Send F31 to 1121-0962"), ("并 0963 0962", "Merge 1121-0963 into 1121-0962"),
    ("结 误报", "Close 1121-0962: False alarm"), ("s p05 av", "P05: Available"),
])
def test_the_sentence_says_what_enter_will_do(line, sentence):
    assert parse(line, CHOICES).sentence == sentence


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("", "all"),
        ("zzz", "all"),
        ("ne", ("new", "next", "neighbour")),
        ("派", ()),
        ("派 消", ("F31", "F32")),
        ("派 X99", ()),
        ("派 F31 9999", ()),
        ("派 F31 1121-09", ("1121-0962", "1121-0963")),
        ("并", ()),
        ("并 0962", ()),
        ("并 1 2 3", ()),
        ("结 0963", ("False alarm", "Settled on the spot")),
        ("结 0963 xyz", ()),
        ("s", ()),
        ("s p05", ("Available", "On scene")),
        ("去", ()),
        ("去 nowhere", ()),
        ("围 0962 0963", ()),
    ],
)
def test_a_line_that_is_not_says_what_is_missing_and_does_nothing(line, options):
    d = parse(line, CHOICES)
    assert not d.ready
    assert d.sentence
    assert d.options == (verb_names() if options == "all" else options)


def test_without_a_selected_call_it_has_to_be_named():
    assert not parse("派 消31", Choices(CALLS, UNITS, MOVES, RESULTS)).ready


@pytest.mark.parametrize(("line", "verb", "call", "text", "press"), [
    ("note 0963 three cars, one burns", "note", "c63", "three cars, one burns", ""),
    ("note 3 cars", "note", "c62", "3 cars", ""),  # too short for a call's number: a word of the remark
    ("话 从北门进，小心", "message", "c62", "从北门进，小心", ""),
    ("cancel 0963 reason:wrong number, sorry", "cancel", "c63", "wrong number, sorry", ""),
    ("reopen 0963 rea:it burns again", "reopen", "c63", "it burns again", ""),
    ("endring", "endring", "c62", "", ""),
    ("amend 0963", "amend", "c63", "", "amend"),
    ("agency gas", "agency", "c62", "gas", "agency"),
    ("layer plan", "layer", "", "plan", "layer"),
    ("mute", "mute", "", "", "mute"),
    ("?", "help", "", "", "help"),
])
def test_words_and_buttons(line, verb, call, text, press):
    d = parse(line, CHOICES)
    assert (d.ready, d.verb, d.call, d.text, d.press) == (True, verb, call, text, press)


def test_what_must_be_said_is_asked_for():
    d = parse("cancel 0963", CHOICES)
    assert (d.ready, d.sentence) == (False, "Cancel the call 1121-0963: say reason:…")


@pytest.mark.parametrize(("line", "completions"), [
    ("canc", ("cancel",)), ("unm", ("unmerge",)), ("dispatch F3", ("F31", "F32")), ("close fal", ("False alarm",)),
    ("dispatch unit:T", ("unit:T21",)), ("close re", ("reason:", "result:")), ("open li", ("Linked agencies",)),
    ("zzz", ()), ("close ", ()),
])
def test_the_last_word_is_completed(line, completions):
    assert parse(line, CHOICES).completions == completions


def test_no_two_verbs_share_a_name_and_every_one_does_something():
    names = [n for names in VERBS.values() for n in names]
    assert len(names) == len(set(names))
    for verb, names in VERBS.items():
        assert all(verbs_of(n) == [verb] for n in names)
        assert parse(names[0], CHOICES).verb == verb


# A page in Chinese: words that are in the catalogues, a row's own, two forms that save, one that a verb presses too.
SEEN = [Seen("认领"), Seen("保存", "开放时间"), Seen("保存", "开放时间", 2), Seen("消防 签收"), Seen("返回…"),
        Seen("合并", verb="merge"), Seen("Dispatch slowly")]


@pytest.fixture
def page():
    with translation.override("zh-hans"):
        yield Choices(CALLS, UNITS, MOVES, RESULTS, selected=CALLS[0], buttons=buttons_of(SEEN))


@pytest.mark.parametrize(("line", "pressed"), [
    ("认", ""), ("认领", "认领"), ("Take in hand", "认领"), ("take in h", ""), ("do take in h", "认领"),
    ("按 认", "认领"), ("保存 开放时间", "保存 开放时间"), ("保存 开放时间 2", "保存 开放时间 2"), ("save", ""),
    ("消防", "消防 签收"), ("返", "返回…"),
    ("dispatch slowly", "Dispatch slowly"), ("disp", ""), ("合并", "合并"),
    ("ｓａｖｅ　开放时间 ２", "保存 开放时间 2"),
])
def test_every_button_is_a_command_by_its_words_or_their_english(page, line, pressed):
    d = parse(line, page)
    assert ((d.press, d.text) == ("do", pressed)) if pressed else d.press != "do"


@pytest.mark.parametrize(("words", "english"), [
    ("表格 星期", "Table Weekday"),  # a table under its title
    ("▶ 逐小时播放", "Play the hours"), ("8 条待整改", "8 to be mended"), ("全部在办 5", "All open 5"),
    ("出警卡0/1", "Run card 0/1"), ("王五 星期", ""), ("5", ""), ("巡12", ""),
])
def test_words_that_a_page_puts_together_have_their_english_too(page, words, english):
    names = buttons_of([Seen(words)])[0].names
    assert names == (plain(words),) if not english else plain(english) in names


@pytest.mark.parametrize(("line", "kept"), [
    ("派 消31 0963", True), ("结 0963 误报", True), ("接", True), ("合并", True), ("认领", True),
    ("take in hand", True),
    ("记 0963 门口有狗", False), ("话 从北门进", False), ("销 0963 理由:打错了", False), ("级 2 理由:有刀", False),
    ("派 消31 理由:最近", False), ("去 0963 内容:有刀", False), ("接 王五报警", False), ("撤 消31 王五", False),
    ("图层 王五", False), ("消防 签收", False), ("派", False),
])
def test_only_lines_without_words_of_their_own_may_be_kept_in_the_browser(page, line, kept):
    assert parse(line, page).plain is kept


def test_in_english_a_button_of_the_page_may_be_kept_and_its_data_not():
    page = Choices(buttons=buttons_of([Seen("Take in hand"), Seen("Wang Wu")]))
    assert [parse(line, page).plain for line in ("take in hand", "wang wu")] == [True, False]


def test_what_may_be_a_verb_or_a_button_presses_nothing(page):
    d = parse("disp", page)
    assert (d.ready, d.options) == (False, ("派", "Dispatch slowly"))
    assert parse("合", page).verb == "merge"  # both are the same
    assert parse("合并 0963 0962", page).main == "c62"
    assert parse("save", page).options == ("保存 开放时间", "保存 开放时间 2")


def test_a_button_is_completed_word_by_word(page):
    assert "save 开放时间" in parse("sa", page).completions
    assert parse("合", page).completions == ("合并",)  # the verb, once
    assert parse("take in h", page).completions == ("hand",)
    assert parse("do take in h", page).completions == ("hand",)
    assert {"take in hand  认领", "merge  合并"} <= set(parse("?", page).options)
