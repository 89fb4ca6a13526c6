"""What a guide tells to type does what the guide says, in both languages."""
from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from shouwang.shell.main import main

ROOT = Path(__file__).parents[2]
GUIDES = ["close-the-ring"]
FILE = re.compile(r"`([\w-]+\.csv)`[^`]*?\n```csv\n(.*?)```", re.S)
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
