"""Every text has its Chinese, and placeholders survive translation."""
from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest

DESK = Path(__file__).parents[2] / "src" / "shouwang" / "desk"
CATALOGUES = sorted(DESK.glob("**/locale/zh_Hans/LC_MESSAGES/*.po"))


def test_there_are_catalogues() -> None:
    assert len(CATALOGUES) >= 10


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda p: str(p.relative_to(DESK)))
def test_every_text_is_translated(path: Path) -> None:
    missing = [e.msgid for e in polib.pofile(str(path)) if not e.obsolete and not e.translated()]
    assert missing == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda p: str(p.relative_to(DESK)))
def test_placeholders_are_kept(path: Path) -> None:
    def names(text: str) -> set[str]:
        return set(re.findall(r"%\((\w+)\)", text))

    for entry in polib.pofile(str(path)):
        for text in filter(None, [entry.msgstr, *entry.msgstr_plural.values()]):
            wanted = names(entry.msgid) | names(entry.msgid_plural or "")
            assert names(text) <= wanted, entry.msgid
            assert entry.msgid_plural or names(text) == wanted, entry.msgid


def test_every_text_in_the_code_is_in_a_catalogue() -> None:
    """Template and JavaScript texts that no catalogue knows would show in English on a Chinese page."""
    known = {e.msgid for path in CATALOGUES for e in polib.pofile(str(path))}
    known |= {e.msgid_plural for path in CATALOGUES for e in polib.pofile(str(path)) if e.msgid_plural}
    found: dict[str, str] = {}
    for path in DESK.glob("**/*"):
        if "vendor" in path.parts or path.suffix not in (".html", ".js", ".py", ".txt"):
            continue
        source = path.read_text(encoding="utf-8")
        patterns = {".html": r"{% (?:translate|trans) (['\"])(.+?)\1", ".txt": r"{% (?:translate|trans) (['\"])(.+?)\1",
                    ".js": r"\bgettext\((['\"])(.+?)\1\)", ".py": r"\b_\((['\"])((?:(?!\1).)+)\1\)"}
        for _quote, text in re.findall(patterns[path.suffix], source):
            found[text.replace("\\n", "\n").replace("\\", "").replace("%%", "%")] = str(path.relative_to(DESK))
    known = {text.replace("%%", "%") for text in known}  # gettext doubles the sign in templates
    assert {text: where for text, where in found.items() if text not in known} == {}


def test_one_text_has_one_translation() -> None:
    """All catalogues are merged into one: where two rooms mean different things by a text, it needs a context."""
    seen: dict[tuple[str, str, str], set[str]] = {}
    for path in CATALOGUES:
        for entry in polib.pofile(str(path)):
            if not entry.obsolete and not entry.msgid_plural:
                seen.setdefault((path.stem, entry.msgctxt or "", entry.msgid), set()).add(entry.msgstr)
    assert {key: said for key, said in seen.items() if len(said) > 1} == {}
