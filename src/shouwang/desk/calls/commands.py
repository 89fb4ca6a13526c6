"""What a line of the command bar means. Pure: the line and what it may name in, a decision with its sentence out.

    派 消31 交21 0962           dispatch F31 T21 0962        units to a call (the selected one when none is named)
    并 0963 0962                merge 0963 0962              the first into the second
    结 0962 误报                close 0962 false alarm       with a result
    销 0962 理由:打错了           cancel 0962 reason:wrong number
    s 巡05 os                   s P05 av                     the state of a unit, or of its task
    话 0962 从北门进              message 0962 use the north gate
Names may be cut to any beginning that only one has; of a call's number the last digits are enough. What a line says may
also stand behind the name of its field (unit:F31 call:0962). A verb of `verbs.PRESSED` presses its button on the page.
Every other button of the page is a command by itself: its words, or their English, as far as no other has them.
"""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .buttons import Button, plain
from .verbs import FIELDS, LONG_FIELDS, PRESSED, TEXTS, VERBS, WORDED_FIELDS

COMPLETED = 9  # completions offered at most
CALL_DIGITS = 3  # of a call's number that are taken for it at the head of free words


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
    levels: Sequence[Named] = ()  # of urgency
    alarms: Sequence[Named] = ()  # levels of alarm
    targets: Sequence[Named] = ()  # where a call can be passed on to
    pages: Sequence[Named] = ()
    selected: Named | None = None  # the call that is open on the screen
    buttons: Sequence[Button] = ()  # of the page on the screen


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
    completions: tuple[str, ...] = ()  # what the last word may be completed to
    text: str = ""  # a reason, a remark
    press: str = ""  # the button of the page that does it
    plain: bool = False  # no words of the writer's own, nor of the page's data: the browser may keep the line


@dataclass(frozen=True)
class Given:
    """What stands behind the verb: bare words, and words behind names of fields."""

    words: list[str]
    fields: dict[str, str] = field(default_factory=dict)

    def names(self, name: str, also: Sequence[str] = ()) -> list[str]:
        """The bare words, then those of a field, as names: commas part them, full-width letters are plain ones."""
        return [n for word in (*(also or self.words), self.fields.get(name, "")) for n in _plain(word)]


def parse(line: str, choices: Choices) -> Decision:
    said = _parse(line, choices)
    told = said.verb == "do" and any(b.told and b.label == said.text for b in choices.buttons)
    worded = bool(said.text) or any(_field(w)[0] in WORDED_FIELDS for w in line.split())
    return replace(said, plain=said.ready and (told or not worded))


def _parse(line: str, choices: Choices) -> Decision:
    words = line.strip().lstrip("/").split()
    ahead = complete(line, choices)
    if not words:
        said = _("Type a verb, such as dispatch, close, message or goto; “help” lists all.")
        return Decision("", said, options=verb_names(), completions=ahead)
    found, buttons = verbs_of(words[0]), _buttons(words, choices)
    if buttons and (len(buttons) == 1 or not found) and (plain(" ".join(words)) in buttons[0].names or not found):
        return replace(_do(words, choices), completions=ahead)
    rivals = [] if _is_name(words[0]) else [b for b in buttons if b.verb not in found]
    if len(found) + len(rivals) != 1:
        options = (*map(verb_name, found), *(b.label for b in rivals[:COMPLETED])) or verb_names()
        said = _("“%(word)s” may be %(names)s.") if found else _("“%(word)s” is no verb; “help” lists all.")
        return Decision("", said % {"word": words[0], "names": ", ".join(options)}, options=options, completions=ahead)
    return replace(_read(found[0], _given(words[1:]), choices), completions=ahead)


def _buttons(words: Sequence[str], choices: Choices) -> list[Button]:
    """The buttons that words can mean: the one of that name, else all with a name that begins so."""
    asked = plain(" ".join(words))
    exact = [b for b in choices.buttons if asked in b.names]
    return exact or [b for b in choices.buttons if any(n.startswith(asked) for n in b.names)]


def _do(words: Sequence[str], choices: Choices) -> Decision:
    """Presses a button of the page by its words."""
    if not words:
        labels = tuple(b.label for b in choices.buttons)
        return Decision("do", _("Which button? Type its words."), options=labels)
    found, asked = _buttons(words, choices), " ".join(words)
    if len(found) == 1:
        label = found[0].label
        return Decision("do", _("Press “%(button)s”") % {"button": label}, True, text=label, press="do")
    names = tuple(b.label for b in found[:COMPLETED])
    said = _("“%(word)s” may be %(names)s.") if found else _("“%(word)s” is unknown.")
    return Decision("do", said % {"word": asked, "names": ", ".join(names)}, options=names)


def _is_name(word: str) -> bool:
    return any(plain(word) in names for names in VERBS.values())


def _read(verb: str, given: Given, choices: Choices) -> Decision:
    if verb == "do":
        return _do(given.words, choices)
    if verb in PRESSED:
        return _press(verb, given, choices)
    return _READERS[verb](given, choices)


def verbs_of(word: str) -> list[str]:
    """The verbs that a word can mean: the one so named, else those with a name that begins so."""
    asked = unicodedata.normalize("NFKC", word).lower()
    exact = [v for v, names in VERBS.items() if asked in names]
    return exact or [v for v, names in VERBS.items() if any(n.startswith(asked) for n in names)]


def verb_name(verb: str, *, english: bool = False) -> str:
    """Its first name in the reader's language, or in English."""
    chinese = not english and (get_language() or "").startswith("zh")
    return next((n for n in VERBS[verb] if n.isascii() != chinese), VERBS[verb][0])


def verb_names() -> tuple[str, ...]:
    return tuple(verb_name(v) for v in VERBS)


def _plain(word: str) -> list[str]:
    return unicodedata.normalize("NFKC", word).replace(",", " ").replace("、", " ").split()


def _given(words: Sequence[str]) -> Given:
    """Bare words and fields apart. A field of names holds one word, one of words all up to the next field."""
    bare: list[str] = []
    fields: dict[str, str] = {}
    running = ""
    for word in words:
        name, value = _field(word)
        if name:
            fields[name], running = value, name if name in LONG_FIELDS or not value else ""
        elif running:
            fields[running] = f"{fields[running]} {word}".strip()
            running = running if running in LONG_FIELDS else ""
        else:
            bare.append(word)
    return Given(bare, fields)


def _field(word: str) -> tuple[str, str]:
    """The field that a word begins with, by any beginning that only one name has; "" for none."""
    head = re.match(r"([^\W\d_]+)[:：](.*)", word)
    if head is None:
        return "", ""
    found = [f for f, names in FIELDS.items() if any(n.startswith(head[1].lower()) for n in names)]
    return (found[0], head[2]) if len(found) == 1 else ("", "")


def complete(line: str, choices: Choices) -> tuple[str, ...]:
    """What the word under the pen may become: a verb, a name that the verb can take, or a field."""
    words = line.lstrip().lstrip("/").split()
    if not words or line[-1:].isspace():
        words.append("")
    last = unicodedata.normalize("NFKC", words[-1]).lower()
    if len(words) == 1:
        names = [n for v in VERBS for n in (verb_name(v), *VERBS[v]) if last and n.startswith(last)]
        return tuple(dict.fromkeys((*names, *_rests(words, choices))))[:COMPLETED]
    found = verbs_of(words[0])
    rests = _rests(words[1:] if found == ["do"] else words, choices)
    if len(found) != 1 or not last or rests:
        return rests
    name, value = _field(words[-1])
    things = _things(found[0], choices) if not name else {
        "unit": choices.units, "call": choices.calls, "result": choices.results, "level": choices.levels,
        "to": choices.targets}.get(name, ())
    head, part = (words[-1][:len(words[-1]) - len(value)], value.lower()) if name else ("", last)
    said = [head + n for t in things for n in t.names[:1] if n.lower().startswith(part) or part in _ends(t, things)]
    fields = [f"{n}:" for names in FIELDS.values() for n in names if not name and n.startswith(last)]
    return tuple(dict.fromkeys((*said, *fields)))[:COMPLETED]


def _rests(words: Sequence[str], choices: Choices) -> tuple[str, ...]:
    """What the last of these words becomes in the name of a button that begins so, and that no verb presses."""
    asked = plain(" ".join(words))
    if not asked:
        return ()
    kept, own = len(asked) - len(plain(words[-1])), [b for b in choices.buttons if not b.verb]
    return tuple(dict.fromkeys(n[kept:] for b in own for n in b.names if n.startswith(asked)))[:COMPLETED]


def _ends(thing: Named, things: Sequence[Named]) -> tuple[str, ...]:
    return tuple(n.lower()[:len(n) - i] for n in thing.names[1:] for i in range(len(n)))


def _things(verb: str, choices: Choices) -> Sequence[Named]:
    """What a bare word behind a verb can name. Buttons of a page are known to the page alone."""
    if verb in PRESSED and not PRESSED[verb].of_call:
        return ()
    calls, units = [*choices.calls], [*choices.units]
    return {"dispatch": [*units, *calls], "pull": [*units, *calls], "down": units, "goto": [*units, *calls],
            "state": [*units, *choices.moves], "close": [*choices.results, *calls], "level": [*choices.levels, *calls],
            "alarm": [*choices.alarms, *calls], "pass": [*choices.targets, *calls], "open": choices.pages,
            "new": []}.get(verb, calls)


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


def _dispatch(given: Given, choices: Choices) -> Decision:
    units: list[Named] = []
    call_word = given.fields.get("call")
    for word in given.names("unit"):
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
                    units=tuple(dict.fromkeys(u.id for u in units)), text=given.fields.get("reason", ""))


def _merge(given: Given, choices: Choices) -> Decision:
    words = given.names("call")
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


def _close(given: Given, choices: Choices) -> Decision:
    words = given.names("result")
    named = bool(words) and bool(look_up(words[0], choices.calls, endings=True)) and any(c.isdigit() for c in words[0])
    call = _call(given.fields.get("call") or (words[0] if named else None), choices, "close")
    if isinstance(call, Decision):
        return call
    result_words = " ".join(words[1:] if named else words)
    if not result_words:
        return Decision("close", _("Close %(call)s with which result?") % {"call": call.label},
                        options=tuple(r.label for r in choices.results))
    result = _one(result_words, choices.results, "close")
    if isinstance(result, Decision):
        return result
    said = _("Close %(call)s: %(result)s") % {"call": call.label, "result": result.label}
    return Decision("close", said, True, call.id, value=result.id, text=given.fields.get("text", ""))


def _state(given: Given, choices: Choices) -> Decision:
    words = [*_plain(given.fields.get("unit", "")), *given.names("")]
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


def _goto(given: Given, choices: Choices) -> Decision:
    words = [*given.names("call"), *_plain(given.fields.get("unit", ""))]
    if len(words) != 1:
        return Decision("goto", _("Go where? Type a call or a unit."))
    unit = _one(words[0], choices.units, "goto")
    if isinstance(unit, Named):
        return Decision("goto", _("Show %(what)s") % {"what": unit.label}, True, units=(unit.id,))
    call = _call(words[0], choices, "goto")
    if isinstance(call, Decision):
        return unit if unit.options else call
    return Decision("goto", _("Show %(what)s") % {"what": call.label}, True, call.id)


def _ring(given: Given, choices: Choices) -> Decision:
    words = given.names("call")
    if len(words) > 1:
        return Decision("ring", _("Close a ring around which call? Type its number."))
    call = _call(words[0] if words else None, choices, "ring")
    if isinstance(call, Decision):
        return call
    return Decision("ring", _("Close a ring around %(call)s") % {"call": call.label}, True, call.id)


def _new(given: Given, choices: Choices) -> Decision:
    return Decision("new", _("Take a call"), True, text=" ".join(given.words))


def _open(given: Given, choices: Choices) -> Decision:
    asked = " ".join(given.names(""))
    if not asked:
        return Decision("open", _("Open which page?"), options=tuple(p.label for p in choices.pages))
    page = _one(asked, choices.pages, "open")
    if isinstance(page, Decision):
        return page
    return Decision("open", _("Open the page %(page)s") % {"page": page.label}, True, value=page.id)


def _pull(given: Given, choices: Choices) -> Decision:
    """A unit from a less urgent call to this one."""
    sent = _dispatch(given, choices)
    if not sent.ready or len(sent.units) != 1:
        return replace(sent, verb="pull", ready=False,
                       sentence=sent.sentence if not sent.ready else _("One unit at a time can be taken."))
    unit = next(u for u in choices.units if u.id == sent.units[0])
    call = next(c for c in (*choices.calls, choices.selected) if c and c.id == sent.call)
    said = _("Take %(unit)s from its call for %(call)s") % {"unit": unit.label, "call": call.label}
    return replace(sent, verb="pull", sentence=said)


def _down(given: Given, choices: Choices) -> Decision:
    words = [*_plain(given.fields.get("unit", "")), *given.words]
    if not words:
        return Decision("down", _("Which unit? Type its name."))
    unit = _one(_plain(words[0])[0], choices.units, "down")
    if isinstance(unit, Decision):
        return unit
    text = given.fields.get("reason") or " ".join(words[1:])
    said = _("Stand %(unit)s down") % {"unit": unit.label}
    return Decision("down", said, True, units=(unit.id,), text=text)


def _about(verb: str, given: Given, choices: Choices) -> tuple[Named, list[str]] | Decision:
    """The call that a line is about, and the words left: named by a field or at the head, else the selected one."""
    words, named = list(given.words), given.fields.get("call")
    if named is None and words and sum(c.isdigit() for c in words[0]) >= CALL_DIGITS:
        found = look_up(_plain(words[0])[0], choices.calls, endings=True)
        named = words.pop(0) if found else None
    call = _call(_plain(named)[0] if named and named.strip() else None, choices, verb)
    return call if isinstance(call, Decision) else (call, words)


def _worded(verb: str) -> Callable[[Given, Choices], Decision]:
    """A verb about a call with words: a remark, a reason."""
    says = TEXTS[verb]

    def read(given: Given, choices: Choices) -> Decision:
        about = _about(verb, given, choices)
        if isinstance(about, Decision):
            return about
        call, words = about
        text = (given.fields.get(says.field) or given.fields.get("text") or " ".join(words)).strip()
        said = str(says.sentence) % {"call": call.label}
        if not text and says.needed:
            return Decision(verb, _("%(what)s: say %(field)s") % {"what": said, "field": _field_name(says.field)})
        return Decision(verb, f"{said}: {text}" if text else said, True, call.id, text=text)

    return read


def _field_name(name: str) -> str:
    chinese = (get_language() or "").startswith("zh")
    return f"{next(n for n in FIELDS[name] if n.isascii() != chinese)}:…"


def _chosen(verb: str, group: str) -> Callable[[Given, Choices], Decision]:
    """A verb about a call that sets one of a fixed list: its level, where it goes."""

    def read(given: Given, choices: Choices) -> Decision:
        about = _about(verb, given, choices)
        if isinstance(about, Decision):
            return about
        call, words = about
        things: Sequence[Named] = getattr(choices, group)
        named = given.fields.get("to" if group == "targets" else "level")
        first = words.pop(0) if named is None and words else named or ""
        asked = _plain(first)
        if not asked:
            said = _("%(call)s: which one?") % {"call": call.label}
            return Decision(verb, said, options=tuple(t.label for t in things))
        one = _one(" ".join(asked), things, verb)
        if isinstance(one, Decision):
            return one
        text = given.fields.get("reason") or given.fields.get("office") or " ".join(words)
        return Decision(verb, f"{call.label}: {one.label}" + (f", {text}" if text else ""), True, call.id,
                        value=one.id, text=text)

    return read


def _press(verb: str, given: Given, choices: Choices) -> Decision:
    """Presses a button of the page; what is left of the line says which, where there are several."""
    about = _about(verb, given, choices) if PRESSED[verb].of_call else None
    if isinstance(about, Decision):
        return about
    call, words = about if about else (None, given.words)
    said = str(PRESSED[verb].sentence) % {"call": call.label if call else ""}
    which = " ".join(words)
    return Decision(verb, f"{said}: {which}" if which else said, True, call.id if call else "", text=which, press=verb,
                    options=_listed(choices) if verb == "help" else ())


def _listed(choices: Choices) -> tuple[str, ...]:
    """The commands of the page's own buttons: the verb or the English, and the words."""
    return tuple(f"{verb_name(b.verb, english=True) if b.verb in VERBS else b.names[-1]}  {b.label}"
                 for b in choices.buttons)


_READERS: dict[str, Callable[[Given, Choices], Decision]] = {
    "dispatch": _dispatch, "pull": _pull, "down": _down, "merge": _merge, "close": _close, "state": _state,
    "goto": _goto, "ring": _ring, "new": _new, "open": _open, "level": _chosen("level", "levels"),
    "alarm": _chosen("alarm", "alarms"), "pass": _chosen("pass", "targets"), **{v: _worded(v) for v in TEXTS},
}
