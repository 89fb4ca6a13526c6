"""What a line of the command bar means."""
from __future__ import annotations

import pytest
from django.utils import translation

from shouwang.desk.calls.commands import Choices, Named, parse

CALLS = [Named("c62", ("1121-0962", "0962", "962")), Named("c63", ("1121-0963", "0963", "963")),
         Named("c12", ("1121-0012", "0012", "12"))]
UNITS = [Named("f31", ("F31", "消31")), Named("f32", ("F32", "消32")), Named("t21", ("T21", "交21")),
         Named("p05", ("P05", "巡05"))]
MOVES = [Named("unit:available", ("Available", "av")), Named("assignment:on_scene", ("On scene", "os"))]
RESULTS = [Named("false_alarm", ("False alarm", "误报")), Named("settled", ("Settled on the spot",))]
CHOICES = Choices(CALLS, UNITS, MOVES, RESULTS, selected=CALLS[0])


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
        ("", ("派", "并", "结", "s", "去", "围", "接")),
        ("foo", ("派", "并", "结", "s", "去", "围", "接")),
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
    assert d.options == options


def test_without_a_selected_call_it_has_to_be_named():
    assert not parse("派 消31", Choices(CALLS, UNITS, MOVES, RESULTS)).ready
