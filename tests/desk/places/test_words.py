"""What an import may find wrong is said in the reader's language, wherever it was found."""
from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import override

import shouwang
from shouwang.desk.places.words import said

SOURCE = Path(shouwang.__file__).parent
FILES = [*sorted(SOURCE.glob("desk/*/imports.py")), *sorted(SOURCE.glob("desk/places/*.py")),
         *(SOURCE / "tables" / f"{name}.py" for name in ("places", "history", "streets", "osm", "gathered"))]


def sentences(tree: ast.Module) -> Iterator[str]:
    """What faults.add(where, WHAT, value, REMEDY) and Fault(…) of a file are given; a gap is filled with 7."""
    named: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            named.setdefault(node.targets[0].id, []).append(node.value)

    def texts(node: ast.expr) -> Iterator[str]:
        match node:
            case ast.Constant(value=str(text)) if text:
                yield text
            case ast.JoinedStr(values=parts):
                yield "".join(str(p.value) if isinstance(p, ast.Constant) else "7" for p in parts)
            case ast.IfExp(body=one, orelse=other):
                yield from (*texts(one), *texts(other))
            case ast.Name(id=name):
                yield from (text for value in named.get(name, ()) for text in texts(value))
            case ast.Call(func=ast.Attribute(value=table, attr="get")):
                yield from texts(table)
            case ast.Dict(values=values):
                yield from (text for value in values for text in texts(value))

    for node in ast.walk(tree):
        match node:
            case (ast.Call(func=ast.Attribute(value=ast.Name(id="faults"), attr="add"), args=[_, what, *more])
                  | ast.Call(func=ast.Name(id="Fault"), args=[_, what, *more])):  # fmt: skip
                yield from (text for one in (what, *more[1:2]) for text in texts(one))


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}-{f.stem}")
def test_each_sentence_of_an_import_has_its_chinese(file: Path) -> None:
    with override("zh-hans"):
        found = {s: said(s) for s in sentences(ast.parse(file.read_text(encoding="utf-8")))}
    assert not [s for s, told in found.items() if told == s or re.search("[a-z]{2,} [a-z]{2,}", told)]


def test_the_files_are_looked_through() -> None:
    found = {s for f in FILES for s in sentences(ast.parse(f.read_text(encoding="utf-8")))}
    assert len(found) > 80
    assert {"there is no terminal", "Row 7 has it already; remove one.", "7 has it already"} <= found
    with override("zh-hans"):
        assert said("sites.csv, row 3 has it already") == "sites.csv，第 3 行已有"
        assert said("row 3 has it already") == "第 3 行已有"
        assert said("nothing like this") == "nothing like this"
