"""The documentation tells the truth about names that it mentions."""
from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    broken = [t for t in targets if "://" not in t and not (page.parent / t).exists()]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_named_files_exist(page: Path) -> None:
    named = re.findall(r"`((?:src|tests|docs|tools|benchmarks|desk|engine|wire|shell|tables)/[\w./-]+\.\w+)`",
                       page.read_text(encoding="utf-8"))
    missing = [n for n in named if not (ROOT / n).exists() and not (ROOT / "src/shouwang" / n).exists()]
    assert missing == []


def test_glossary_page_is_the_default_glossary() -> None:
    wanted = runpy.run_path(str(ROOT / "tools/glossary.py"))["page"]()
    assert (ROOT / "docs/glossary.md").read_text(encoding="utf-8") == wanted


def test_each_role_has_a_guide_in_both_languages() -> None:
    names = {p.stem for p in (ROOT / "docs/guides/en").glob("*.md")}
    assert names == {p.stem for p in (ROOT / "docs/guides/zh").glob("*.md")}
    assert names >= {"call-taker", "dispatcher", "unit-member", "planner", "supervisor", "area-leader",
                     "administrator", "auditor", "linked-agency", "callback-clerk"}


def test_every_picture_is_shown_by_a_guide() -> None:
    guides = ROOT / "docs/guides"
    text = "".join(p.read_text(encoding="utf-8") for p in guides.glob("*/*.md"))
    kept = [str(p.relative_to(guides)) for p in guides.glob("pictures/*/*.webp")]
    assert [p for p in kept if f"../{p}" not in text] == []
