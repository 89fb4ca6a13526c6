"""Kinds of files that can be taken in. Each room names the module that knows its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from django.utils.functional import Promise

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.writing import Log

Text = str | Promise


@dataclass(frozen=True)
class Checked:
    """A file that was read whole and found sound. `counts`: what it holds; `remarks`: what is odd without
    being wrong; `save` writes all of it in the transaction of the log it is given."""

    counts: Mapping[str, int]
    save: Callable[[Log], None]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """What is asked to be taken in: a file, by whom, with the options of its kind."""

    path: Path
    name: str  # as its owner calls it
    actor: Actor
    options: Mapping[str, str] = field(default_factory=dict)

    def fits(self, *suffixes: str) -> bool:
        return self.name.lower().endswith(suffixes)


@dataclass(frozen=True)
class Importer:
    """`check` reads the whole file and changes nothing. It raises BadInput naming every fault by row and
    column."""

    kind: str
    order: int
    label: Text
    help: Text
    suffixes: tuple[str, ...]
    check: Callable[[Source], Checked]
    options: Mapping[str, Text] = field(default_factory=dict)  # name → label of text options
    may: str = "config.edit"  # the permission over the district that takes such files in


MAY = ("config.edit", "member.hire")  # what opens the page; each kind says which of these it asks for
_modules: list[str] = []


def add(module: str) -> None:
    """Names a module with `IMPORTERS`; it is loaded when somebody imports, not when the centre starts."""
    if module not in _modules:
        _modules.append(module)


def importers() -> list[Importer]:
    found = [i for module in _modules for i in import_module(module).IMPORTERS]
    return sorted(found, key=lambda i: i.order)


def importer(kind: str) -> Importer | None:
    return next((i for i in importers() if i.kind == kind), None)


def plain(value: Any) -> str:
    return "" if value is None else str(value).strip()
