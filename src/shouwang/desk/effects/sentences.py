"""An answer in words: one sentence with its uncertainty, what it means in calls, and what was tested."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.engine.effects.answer import STEPS
from shouwang.engine.effects.result import REFUSALS, SWITCHES, Effect
from shouwang.engine.effects.result import TEXTS as CHECKS

from .advice.judging import effect

Words = Mapping[str, str | Promise]
METHODS: Words = {
    "did": gettext_lazy("area by area against the comparison (difference in differences)"),
    "rirr": gettext_lazy("sums against the comparison, as a factor (relative rate ratio)"),
    "wdd": gettext_lazy("sums against the comparison, in numbers (weighted displacement difference)"),
    "poisson": gettext_lazy("before and after alone, without comparison"),
}
IN_NUMBERS: Words = {
    "less": gettext_lazy(
        "Yes, beyond chance: with the measure there were %(size)s calls fewer than the comparison areas lead to expect "
        "(95 %% interval: %(low)s to %(high)s)."
    ),
    "more": gettext_lazy(
        "No, on the contrary: with the measure there were %(size)s calls more than the comparison areas lead to expect "
        "(95 %% interval: %(low)s to %(high)s)."
    ),
    "chance": gettext_lazy(
        "No effect can be told from chance: %(change)s calls against the comparison areas, and anything from %(low)s "
        "to %(high)s is possible."
    ),
}
AS_FACTOR: Words = {
    "less": gettext_lazy(
        "Yes, beyond chance: with the measure there were %(size)s fewer calls than the comparison areas lead to expect "
        "(95 %% interval: %(low)s to %(high)s)."
    ),
    "more": gettext_lazy(
        "No, on the contrary: with the measure there were %(size)s more calls than the comparison areas lead to expect "
        "(95 %% interval: %(low)s to %(high)s)."
    ),
    "chance": gettext_lazy(
        "No effect can be told from chance: %(change)s against the comparison areas, and anything from %(low)s to "
        "%(high)s is possible."
    ),
}
ALONE: Words = {
    "less": gettext_lazy(
        "There were %(size)s fewer calls than before, beyond chance (95 %% interval: %(low)s to %(high)s); whether the "
        "measure did it cannot be told without comparison areas."
    ),
    "more": gettext_lazy(
        "There were %(size)s more calls than before, beyond chance (95 %% interval: %(low)s to %(high)s); whether the "
        "measure did it cannot be told without comparison areas."
    ),
    "chance": gettext_lazy(
        "No change can be told from chance: %(change)s against the time before, and anything from %(low)s to %(high)s "
        "is possible."
    ),
}
SAYS: Mapping[str, Words] = {"wdd": IN_NUMBERS, "did": AS_FACTOR, "rirr": AS_FACTOR, "poisson": ALONE}
NEXT_DOOR: Words = {
    "less": gettext_lazy(
        "Next door calls fell too (%(change)s against the comparison areas, 95 %% interval: %(low)s to %(high)s): "
        "nothing moved there."
    ),
    "more": gettext_lazy(
        "Next door calls rose (%(change)s against the comparison areas, 95 %% interval: %(low)s to %(high)s): some may "
        "have moved there."
    ),
    "chance": gettext_lazy(
        "Next door nothing can be told from chance (%(change)s against the comparison areas, %(low)s to %(high)s)."
    ),
}
HELD: Mapping[bool | None, tuple[str, str | Promise]] = {
    True: ("ok", gettext_lazy("holds")), False: ("bad", gettext_lazy("does not hold")),
    None: ("", gettext_lazy("not tested")),
}  # fmt: skip


def verdict(figures: Mapping[str, Any]) -> str:
    """less, more, chance, or none where no fair answer exists."""
    return effect(figures["main"]).verdict if figures["main"] else "none"


def headline(figures: Mapping[str, Any]) -> str:
    """The answer in one sentence, its uncertainty in it."""
    if figures["main"] is None:
        refused = figures["refused"]
        why = _(REFUSALS[refused["code"]]).format(**refused["values"])
        return _("No fair answer can be given: %(why)s") % {"why": why}
    return sentence(effect(figures["main"]))


def sentence(found: Effect) -> str:
    if np.isnan(found.estimate):
        return _("There was no call before, so that no percentage exists.")
    size = f"{abs(found.estimate):.0f}" if found.measure == "cases" else f"{abs(found.estimate - 1) * 100:.0f} %"
    return str(SAYS[found.method][found.verdict]) % ({"size": size} | _ends(found))


def size(figures: Mapping[str, Any]) -> str:
    """What a factor means in calls; nothing where there is none, or where it is chance."""
    main = figures["main"] and effect(figures["main"])
    if not main or main.method not in ("did", "rirr") or main.verdict == "chance" or not main.low > 0:
        return ""
    came = sum(figures["sums"]["treated"][len(figures["parts"]) // 2 :])
    low, high = sorted(abs(came / ratio - came) for ratio in (main.low, main.high))
    says = _("That is about %(n)s calls in this time (%(low)s to %(high)s).")
    return says % {"n": f"{abs(came / main.estimate - came):.0f}", "low": f"{low:.0f}", "high": f"{high:.0f}"}


def next_door(figures: Mapping[str, Any]) -> str:
    """What the areas next door did: whether calls moved there."""
    if figures["near"] is None:
        return ""
    found = effect(figures["near"])
    return str(NEXT_DOOR[found.verdict]) % _ends(found)


def steps(figures: Mapping[str, Any]) -> list[str]:
    """Why the method was taken."""
    return [_(STEPS[step["code"]]).format(**step["values"]) for step in figures["steps"]]


def checks(found: Effect) -> list[dict[str, Any]]:
    """What was assumed and tested: whether it held, and whether another law or error was taken because it did not."""
    return [
        {"held": HELD[one.held][0], "word": HELD[one.held][1], "switched": one.code in SWITCHES,
         "says": _(CHECKS[one.code][1]).format(**one.values)}
        for one in found.checks
    ]  # fmt: skip


def other(found: Effect) -> dict[str, Any]:
    return {"method": METHODS[found.method], "says": sentence(found)}


def change(before: int, after: int) -> str:
    return percent(after / before) if before else "—"


def percent(ratio: float) -> str:
    """A ratio as a change: −20 %."""
    return f"{signed((ratio - 1) * 100)} %" if np.isfinite(ratio) else "∞"


def signed(value: float) -> str:
    if not np.isfinite(value):
        return "∞"
    text = f"{abs(value):.0f}"
    return text if text == "0" else ("+" if value > 0 else "−") + text


def _ends(found: Effect) -> dict[str, str]:
    tell = signed if found.measure == "cases" else percent
    return {"change": tell(found.estimate), "low": tell(found.low), "high": tell(found.high)}
