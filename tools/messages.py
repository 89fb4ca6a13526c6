"""Puts freshly collected catalogues in order: guesses out, texts that another room has translated in, dates out.

One English text has one Chinese, whichever room says it. Names what is still untranslated and fails while there is any.
"""
from __future__ import annotations

import sys
from pathlib import Path

import polib

from shouwang.engine.demand.findings import TEXTS
from shouwang.engine.effects import answer, result

DESK = Path(__file__).resolve().parent.parent / "src" / "shouwang" / "desk"
CHANGES_BY_ITSELF = (
    "POT-Creation-Date", "PO-Revision-Date", "Report-Msgid-Bugs-To", "Last-Translator", "Language-Team",
)

METHODS = ("did", "rirr", "wdd", "poisson")  # those that a page answers with
# By room: texts of the engine, which knows no gettext, so that the collector finds them nowhere.
SAID_BY_THE_ENGINE = {
    "patrol": set(TEXTS.values()),
    "effects": {
        *answer.STEPS.values(), *result.REFUSALS.values(), *(result.TEXTS[code][1] for code in result.TOLD_OF_MEASURES),
        *(text for method in METHODS for text in result.ASSUMES[method]),
    },
}


def main() -> int:
    files = [polib.pofile(str(path), wrapwidth=100) for path in sorted(DESK.glob("**/*.po"))]
    known = {(e.msgctxt, e.msgid): e for file in files for e in file if e.translated()}
    missing = []
    for file in files:
        path = Path(file.fpath)
        said = SAID_BY_THE_ENGINE.get(path.parents[3].name, set()) if path.name == "django.po" else set()
        file.extend(polib.POEntry(msgid=text) for text in sorted(said - {entry.msgid for entry in file}))
        for name in CHANGES_BY_ITSELF:
            file.metadata.pop(name, None)
        file.metadata_is_fuzzy = False
        for entry in list(file):
            if entry.obsolete and entry.msgid not in said:
                file.remove(entry)
                continue
            entry.obsolete = False
            if not entry.translated():
                _settle(entry, known.get((entry.msgctxt, entry.msgid)))
            if not entry.translated():
                missing.append(f"{file.fpath}: {entry.msgid!r}")
        file.save()
    print("\n".join(missing) or "every text is translated")
    return 1 if missing else 0


def _settle(entry: polib.POEntry, known: polib.POEntry | None) -> None:
    """Takes the translation another room gave, and drops a guess made from a text that is merely alike."""
    entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]
    entry.previous_msgid = entry.previous_msgid_plural = entry.previous_msgctxt = None
    entry.msgstr = known.msgstr if known else ""
    if entry.msgid_plural:
        entry.msgstr_plural = known.msgstr_plural if known else {0: ""}


if __name__ == "__main__":
    sys.exit(main())
