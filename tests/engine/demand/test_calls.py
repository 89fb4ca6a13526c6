import numpy as np

from shouwang.engine.demand.calls import SOURCES, Calls


def calls(sources: list[str], kinds: list[int]) -> Calls:
    n = len(sources)
    source = np.array([SOURCES.index(name) for name in sources])
    return Calls(np.arange(n) * 60, np.zeros(n), np.zeros(n), np.array(kinds), ("fire", "noise"), source)


def test_what_patrols_found_is_not_heard() -> None:
    told = calls(["resident", "patrol", "alarm", "patrol"], [0, 0, 1, 1])
    assert told.heard().tolist() == [True, False, True, False]


def test_kinds_are_left_out_by_name_and_unknown_names_change_nothing() -> None:
    told = calls(["resident"] * 3, [0, 1, 0])
    assert told.without(["fire"]).kind.tolist() == [1]
    assert len(told.without(["flood"])) == 3
    assert told.without(name for name in ["flood", "fire"]).kind.tolist() == [1], "any iterable"


def test_before_is_strict() -> None:
    assert calls(["resident"] * 3, [0, 0, 0]).before(120).time_s.tolist() == [0, 60]
