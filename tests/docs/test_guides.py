"""What a guide tells to type does what the guide says, in both languages."""
from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from shouwang.shell.main import main

ROOT = Path(__file__).parents[2]
GUIDES = ["close-the-ring", "honest-answers"]
FILE = re.compile(r"`([\w-]+\.csv)`[^`]*?\n```csv\n(.*?)```", re.S)
COMMANDS = re.compile(r"```sh\n(.*?)```", re.S)
STEP = re.compile(r"```sh\nshouwang (.*?)\n```\n```text\n(.*?)```", re.S)


def guide(language: str, name: str) -> str:
    return (ROOT / "docs/guides" / language / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", GUIDES)
def test_commands_of_a_guide_give_what_it_shows(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = guide("en", name)
    (tmp_path / "src").symlink_to(ROOT / "src")
    monkeypatch.chdir(tmp_path)
    for file, content in FILE.findall(text):
        Path(file).write_text(content, encoding="utf-8")
    steps = STEP.findall(text)
    assert len(steps) == text.count("```sh") > 0
    for command, shown in steps:
        output = CliRunner().invoke(main, shlex.split(command)).output.splitlines()
        assert set(shown.splitlines()) <= set(output), command


@pytest.mark.parametrize("name", GUIDES)
def test_both_languages_show_the_same_steps(name: str) -> None:
    english, chinese = guide("en", name), guide("zh", name)
    assert FILE.findall(chinese) == FILE.findall(english) and STEP.findall(chinese) == STEP.findall(english)


def test_calls_are_counted_and_forecast_as_the_method_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = COMMANDS.findall((ROOT / "docs/methods/count.md").read_text(encoding="utf-8"))
    known = pq.read_table(ROOT / "src/shouwang/data/districts/stlouis/calls.parquet").sort_by("time")
    time = known["time"].cast(pa.timestamp("s")).to_numpy()
    first, last = (int(np.searchsorted(time, np.datetime64(day))) for day in ("2019-07-01", "2019-09-01"))
    (tmp_path / "calls").mkdir()
    for part, start in enumerate((first, first + 1000)):
        rows = known.slice(start, 1000 if part == 0 else last - start)
        pq.write_table(rows, tmp_path / "calls" / f"{part}.parquet")
    monkeypatch.chdir(tmp_path)
    for command in "".join(commands).splitlines():
        done = CliRunner().invoke(main, shlex.split(command)[1:])
        assert done.exit_code == 0, done.output
    assert pq.read_metadata("F.parquet").num_rows > 0
    counts = pq.read_table("counted/counts")
    assert int(pc.sum(counts["calls"]).as_py()) == last - first


def test_tonights_patrols_are_planned_as_the_guide_says(tmp_path: Path) -> None:
    commands, chinese = (COMMANDS.findall(guide(language, "tonight")) for language in ("en", "zh"))
    assert commands == chinese, "both languages give the same commands"
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
    shifts = json.loads((tmp_path / "shifts.json").read_text())
    assert [len(one["posts"]) for one in shifts["shifts"]] == [4, 4]
    assert shifts["bound"] <= shifts["objective"] and shifts["status"] in ("optimal", "feasible")
