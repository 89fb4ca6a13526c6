"""What guides tell to open, to send or to type is there, and the same in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click
import pytest
from django.test import Client

from shouwang.desk.api import api
from shouwang.shell.main import main

GUIDES = Path(__file__).parents[2] / "docs" / "guides"
NAMES = sorted(path.stem for path in (GUIDES / "en").glob("*.md"))
ADDRESS = re.compile(r"`((?:GET |POST |PUT |PATCH |DELETE )?/[^`\s]*)`")
COMMAND = re.compile(r"`shouwang ([^`]+)`")


PLACE = re.compile(r"(?<![A-Za-z])(?:[A-Z]{1,}|[\u4e00-\u9fff]+)(?:,(?:[A-Z]+|[\u4e00-\u9fff]+))?(?![A-Za-z])")


def named(pattern: re.Pattern[str], name: str) -> list[str]:
    """What the English guide names, and the Chinese one as well, but for words to be replaced by one's own."""
    english, chinese = (pattern.findall((GUIDES / language / f"{name}.md").read_text("utf-8")) for language in
                        ("en", "zh"))  # fmt: skip
    plain, other = (sorted(PLACE.sub("ID", one) for one in found) for found in (english, chinese))
    assert plain == other
    return english


@pytest.fixture(scope="module")
def operations() -> set[tuple[str, str]]:
    """Method and path of every operation of the API, gaps as {}."""
    told = api.get_openapi_schema(path_prefix="/api/")["paths"]
    return {(method.upper(), re.sub(r"\{[^}]*\}", "{}", path)) for path, of in told.items() for method in of}


@pytest.mark.parametrize("name", NAMES)
def test_operations_that_a_guide_names_are_there(name: str, operations: set[tuple[str, str]]) -> None:
    for address in named(ADDRESS, name):
        method, _, path = address.rpartition(" ")
        plain = re.sub(r"\{[^}]*\}", "{}", path.split("?")[0])
        views = {(method, plain[: plain.rindex("/")] + "/{}"), (method, plain)}  # the last part may be one of several
        assert not method or views & operations, address


@pytest.mark.parametrize("name", NAMES)
def test_pages_that_a_guide_names_open(name: str, cast: Any, town: Any) -> None:
    clients = [Client(), *(person.client for person in cast.people.values())]
    pages = [one for one in named(ADDRESS, name) if re.fullmatch(r"/[^ ?]*/|/|/[^ ?]*/\?.*", one) and "ID" not in one]
    for address in dict.fromkeys(pages):
        assert any(client.get(address, follow=True).status_code == 200 for client in clients), address


@pytest.mark.parametrize("name", NAMES)
def test_commands_that_a_guide_names_are_there(name: str) -> None:
    for line in named(COMMAND, name):
        command: click.Command = main
        words = line.split()
        while isinstance(command, click.Group):
            found = command.get_command(click.Context(command), words.pop(0))
            assert found is not None, line
            command = found
        known = {option for param in command.params for option in (*param.opts, *param.secondary_opts)}
        assert {word for word in words if word.startswith("--")} <= known, line
