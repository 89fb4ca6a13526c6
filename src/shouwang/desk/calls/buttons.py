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
    return _english_of(get_language() or "en").get(text, ())


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
