"""The pictures of the guides, out of the screenshots that the browser tests took: python tools/pictures.py FOLDER

Only those that a guide shows are kept. A guide that shows one nobody took is named, and nothing is written."""
from __future__ import annotations

import re
import sys
from pathlib import Path

from PIL import Image

GUIDES = Path(__file__).parents[1] / "docs" / "guides"
SHOWN = re.compile(r"\.\./pictures/((?:en|zh)/[\w-]+)\.webp")


def main(folder: Path) -> None:
    shown = {name for page in GUIDES.glob("*/*.md") for name in SHOWN.findall(page.read_text(encoding="utf-8"))}
    missing = sorted(name for name in shown if not (folder / f"{name}.png").exists())
    if missing:
        sys.exit(f"no browser test took {', '.join(missing)}: take it there with picture(page, name)")
    for old in GUIDES.glob("pictures/*/*.webp"):
        old.unlink()
    for name in sorted(shown):
        file = GUIDES / "pictures" / f"{name}.webp"
        file.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(folder / f"{name}.png") as taken:
            taken.save(file, quality=72, method=6)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
