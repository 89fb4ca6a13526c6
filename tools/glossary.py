"""Writes docs/glossary.md from the default glossary, so that product and page use the same words."""
import csv
from pathlib import Path

ROOT = Path(__file__).parents[1]


def page() -> str:
    with open(ROOT / "src/shouwang/data/domain/glossary.csv", encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    lines = ["# Glossary 术语表", "", "| 中文 | English | 释义 | meaning |", "|---|---|---|---|"]
    lines += [f"| {r['zh']} | {r['en']} | {r['definition_zh']} | {r['definition_en']} |" for r in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (ROOT / "docs/glossary.md").write_text(page(), encoding="utf-8")
