"""The buttons of a page as the command bar names them: by their words, and by the English of these."""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from django.utils.translation import get_language
from django.utils.translation.trans_real import DjangoTranslation


@dataclass(frozen=True)
class Button:
    """`label`: its words in the reader's language, which no other button of the page has. `names`: what it may be
    called in a line, as `plain` makes it. `verb`: the one that presses it too, "" for none. `told`: its label is
    from the catalogues, and so names nobody."""

    label: str
    names: tuple[str, ...]
    verb: str = ""
    told: bool = False


class Seen(NamedTuple):
    """A button as the page has it: its words, what it stands in where the words are not enough, and which of several
    that are the same in both."""

    words: str
    within: str = ""
    nth: int = 1
    verb: str = ""


def buttons_of(seen: Iterable[Seen]) -> list[Button]:
    found = []
    for s in seen:
        label = _label(s.words, s.within, s.nth)
        names = [label, *(_label(words, within, s.nth) for words in english(s.words) or [s.words]
                          for within in english(s.within) or [s.within])]
        found.append(Button(label, tuple(dict.fromkeys(plain(n) for n in names)), s.verb,
                            is_told(s.words) and (not s.within or is_told(s.within))))
    return found


def _label(words: str, within: str, nth: int) -> str:
    return " ".join(part for part in (words, within, str(nth) if nth > 1 else "") if part)


def plain(text: str) -> str:
    """As lines are compared: full-width letters are plain ones, large ones small, no dots behind."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().rstrip(".").casefold()


def english(text: str) -> tuple[str, ...]:
    """What a text of this reader's pages is in English; nothing for what is data, and for who reads English."""
    known = _english_of(get_language() or "en")
    return known.get(text) or (_made_of(text, known) if known else ())


def _made_of(text: str, known: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The English of words that a page puts together: a sign before a text, a count in it or behind it, two texts."""
    bare = re.sub(r"^[^\w(（“]+", "", text)
    if bare != text and bare in known:
        return known[bare]
    count = re.search(r"\d+", text)
    if count and (found := known.get(text.replace(count[0], "%(n)s", 1))):
        return tuple(t.replace("%(n)s", count[0]) for t in found)
    if count and (found := known.get(text[:count.start()].rstrip())):
        return tuple(f"{t} {text[count.start():]}" for t in found)
    heads = (text[:space.start()] for space in re.finditer(" ", text))
    return next((tuple(f"{a} {b}" for a in known[head] for b in known[text[len(head) + 1:]]) for head in heads
                 if head in known and text[len(head) + 1:] in known), ())


def is_told(text: str) -> bool:
    """Whether a text of this reader's pages is from the catalogues, and no data."""
    language = get_language() or "en"
    return text in (_texts() if language.startswith("en") else _english_of(language))


@cache
def _texts() -> frozenset[str]:
    return frozenset(text for texts in _english_of("zh-hans").values() for text in texts)


@cache
def _english_of(language: str) -> dict[str, tuple[str, ...]]:
    """The catalogues of pages and scripts, from translation to text."""
    if language.startswith("en"):
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for domain in ("django", "djangojs"):
        catalogue = DjangoTranslation(language, domain=domain)._catalog  # type: ignore[attr-defined]
        for key, told in catalogue.items():
            text = (key if isinstance(key, str) else key[0]).rpartition("\x04")[2]
            found[told] = tuple(dict.fromkeys((*found.get(told, ()), text)))
    return found
