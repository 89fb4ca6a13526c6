"""What a line of the command bar means. Pure: the line and what it may name in, a decision with its sentence out.

    派 消31 交21 0962     dispatch F31 T21 0962      units to a call (the selected one when none is named)
    并 0963 0962          merge 0963 0962            the first into the second (the selected one when one is named)
    结 0962 误报          close 0962 false alarm     with a result
    s 巡05 os             s P05 av                   the state of a unit, or of its task
    去 0962               goto P05                   show a call or a unit
    围 0962               ring 0962                  close a ring around a call
    接                    new                        take a call
Names may be cut to any beginning that only one has; of a call's number the last digits are enough.
"""
from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

VERBS: dict[str, tuple[str, ...]] = {
    "dispatch": ("派", "派警", "dispatch", "d"), "merge": ("并", "合并", "merge", "m"),
    "close": ("结", "办结", "close", "c"), "state": ("s", "态", "state"), "goto": ("去", "goto", "g"),
    "ring": ("围", "围控", "ring", "r"), "new": ("接", "接警", "new", "n"),
}


@dataclass(frozen=True)
class Named:
    """A thing that a line can name: by its id, and by any of its names."""

    id: str
    names: tuple[str, ...]

    @property
    def label(self) -> str:
        return self.names[0]


@dataclass(frozen=True)
class Choices:
    """What a line may name. `moves`: states of units by their short names; `results`: how a call can end."""

    calls: Sequence[Named] = ()
    units: Sequence[Named] = ()
    moves: Sequence[Named] = ()
    results: Sequence[Named] = ()
    selected: Named | None = None  # the call that is open on the screen


@dataclass(frozen=True)
class Decision:
    """What Enter will do. `ready` false: nothing, and `sentence` says what is missing; `options` complete the line."""

    verb: str
    sentence: str
    ready: bool = False
    call: str = ""
    main: str = ""
    units: tuple[str, ...] = ()
    value: str = ""
    options: tuple[str, ...] = ()


def parse(line: str, choices: Choices) -> Decision:
    words = unicodedata.normalize("NFKC", line).replace("，", " ").replace(",", " ").split()
    if not words:
        return Decision("", _("Type a verb: dispatch, merge, close, s, goto, ring, new."), options=_verbs())
    verb = next((v for v, names in VERBS.items() if words[0].lower().lstrip("/") in names), None)
    if verb is None:
        found = [v for v in VERBS if len(words[0]) > 1 and v.startswith(words[0].lower())]
        verb = found[0] if len(found) == 1 else None
    if verb is None:
        return Decision(
            "",
            _("“%(word)s” is no verb. Use dispatch, merge, close, s, goto, ring or new.") % {"word": words[0]},
            options=_verbs(),
        )
    rest: Any = {"dispatch": _dispatch, "merge": _merge, "close": _close, "state": _state, "goto": _goto, "ring": _ring,
                 "new": _new}
    decision: Decision = rest[verb](words[1:], choices)
    return decision


def _verbs() -> tuple[str, ...]:
    return tuple(names[0] for names in VERBS.values())


def look_up(word: str, things: Sequence[Named], *, endings: bool = False) -> list[Named]:
    """Things so named: exactly, else by a beginning, else (`endings`) by the last digits."""
    asked = word.lower()
    exact = [t for t in things if any(n.lower() == asked for n in t.names)]
    begins = exact or [t for t in things if any(n.lower().startswith(asked) for n in t.names)]
    return begins or ([t for t in things if any(n.lower().endswith(asked) for n in t.names)] if endings else [])


def _one(word: str, things: Sequence[Named], verb: str, *, endings: bool = False) -> Named | Decision:
    found = look_up(word, things, endings=endings)
    if len(found) == 1:
        return found[0]
    options = tuple(t.label for t in found[:9])
    if found:
        return Decision(
            verb, _("“%(word)s” may be %(names)s.") % {"word": word, "names": ", ".join(options)}, options=options
        )
    return Decision(verb, _("“%(word)s” is unknown.") % {"word": word})


def _call(word: str | None, choices: Choices, verb: str) -> Named | Decision:
    if word is not None:
        return _one(word, choices.calls, verb, endings=True)
    return choices.selected or Decision(verb, _("Which call? Type its number."))


def _dispatch(words: list[str], choices: Choices) -> Decision:
    units: list[Named] = []
    call_word: str | None = None
    for word in words:
        unit = _one(word, choices.units, "dispatch")
        if isinstance(unit, Named):
            units.append(unit)
        elif unit.options or call_word is not None or not look_up(word, choices.calls, endings=True):
            return unit
        else:
            call_word = word
    if not units:
        return Decision("dispatch", _("Which units? Type their names."))
    call = _call(call_word, choices, "dispatch")
    if isinstance(call, Decision):
        return call
    names = ", ".join(u.label for u in units)
    return Decision("dispatch", _("Send %(units)s to %(call)s") % {"units": names, "call": call.label}, True, call.id,
                    units=tuple(dict.fromkeys(u.id for u in units)))


def _merge(words: list[str], choices: Choices) -> Decision:
    if not words or len(words) > 2:
        return Decision("merge", _("Merge which call into which? Type one or two numbers."))
    first = _call(words[0] if len(words) == 2 else None, choices, "merge")
    second = _call(words[-1], choices, "merge")
    if isinstance(first, Decision):
        return first
    if isinstance(second, Decision):
        return second
    if first.id == second.id:
        return Decision("merge", _("A call cannot be merged into itself."))
    return Decision("merge", _("Merge %(call)s into %(main)s") % {"call": first.label, "main": second.label}, True,
                    first.id, second.id)


def _close(words: list[str], choices: Choices) -> Decision:
    named = bool(words) and bool(look_up(words[0], choices.calls, endings=True)) and any(c.isdigit() for c in words[0])
    call = _call(words[0] if named else None, choices, "close")
    if isinstance(call, Decision):
        return call
    result_words = " ".join(words[1:] if named else words)
    if not result_words:
        return Decision("close", _("Close %(call)s with which result?") % {"call": call.label},
                        options=tuple(r.label for r in choices.results))
    result = _one(result_words, choices.results, "close")
    if isinstance(result, Decision):
        return result
    return Decision(
        "close",
        _("Close %(call)s: %(result)s") % {"call": call.label, "result": result.label},
        True,
        call.id,
        value=result.id,
    )


def _state(words: list[str], choices: Choices) -> Decision:
    if not words:
        return Decision("state", _("Which unit? Type its name."))
    unit = _one(words[0], choices.units, "state")
    if isinstance(unit, Decision):
        return unit
    if len(words) < 2:
        return Decision("state", _("%(unit)s: which state?") % {"unit": unit.label},
                        options=tuple(m.label for m in choices.moves))
    move = _one(" ".join(words[1:]), choices.moves, "state")
    if isinstance(move, Decision):
        return move
    return Decision(
        "state",
        _("%(unit)s: %(state)s") % {"unit": unit.label, "state": move.label},
        True,
        units=(unit.id,),
        value=move.id,
    )


def _goto(words: list[str], choices: Choices) -> Decision:
    if len(words) != 1:
        return Decision("goto", _("Go where? Type a call or a unit."))
    unit = _one(words[0], choices.units, "goto")
    if isinstance(unit, Named):
        return Decision("goto", _("Show %(what)s") % {"what": unit.label}, True, units=(unit.id,))
    call = _call(words[0], choices, "goto")
    if isinstance(call, Decision):
        return unit if unit.options else call
    return Decision("goto", _("Show %(what)s") % {"what": call.label}, True, call.id)


def _ring(words: list[str], choices: Choices) -> Decision:
    if len(words) > 1:
        return Decision("ring", _("Close a ring around which call? Type its number."))
    call = _call(words[0] if words else None, choices, "ring")
    if isinstance(call, Decision):
        return call
    return Decision("ring", _("Close a ring around %(call)s") % {"call": call.label}, True, call.id)


def _new(words: list[str], choices: Choices) -> Decision:
    return Decision("new", _("Take a call"), True)
