"""Guides with commands are executed: what they print is what a reader gets."""
from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

GUIDES = Path(__file__).parents[2] / "docs/guides"


def blocks(page: Path) -> list[str]:
    return re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def test_tonights_patrols_are_planned_as_the_guide_says(tmp_path: Path) -> None:
    commands = blocks(GUIDES / "en/tonight.md")
    assert commands == blocks(GUIDES / "zh/tonight.md"), "both languages give the same commands"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", "\n".join(commands)], cwd=tmp_path, text=True,
                          env={**os.environ, "PATH": path}, capture_output=True, timeout=240)
    assert done.returncode == 0, done.stderr
    posts = json.loads((tmp_path / "posts.json").read_text())
    tours = json.loads((tmp_path / "tours.json").read_text())
    assert len(posts["posts"]) == 6 and posts["status"] in ("optimal", "feasible")
    assert [t["unit"] for t in tours["tours"]] == [f"P{n:02}" for n in range(1, 7)]
    assert all(any(v["stop"] != "post" for v in t["visits"]) for t in tours["tours"])
    assert tours["cover"] > 0.3 and max(tours["seen"]) > 0
