"""One pattern for every settings page: a list (search, paging, CSV) and a form (checked at the field, reason, undo).

A room says what its rows are in a `Sheet` and registers it when it is loaded; the views stand in views.py.
"""
from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import models
from django.forms import ModelForm
from django.utils.functional import Promise

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.names import home
from shouwang.desk.log.writing import Log

Text = str | Promise
EDIT = "config.edit"
KEEPS = (EDIT, "village.manage")  # whoever holds one of them has a list to keep


@dataclass(frozen=True)
class Column:
    label: Text
    value: Callable[[Any], object]
    numeric: bool = False
    typed: bool = False  # said as it was written down, whatever the reader's language


@dataclass(frozen=True)
class Sheet:
    """`rows` gives the list (its rows may be unsaved defaults), `find` one row by key, `area_of` the path of the area a
    row lies in ("" for what holds in the whole centre). Without a form the rows are only read. `also` keeps the list
    beside config.edit: its holders see and change the rows of their own areas."""

    key: str  # the address /settings/KEY/ and the subject kind of its events
    title: Text
    order: int
    model: type[models.Model]
    columns: tuple[Column, ...]
    form: type[ModelForm[Any]] | None = None
    rows: Callable[[], Sequence[Any]] | None = None
    find: Callable[[str], Any] | None = None
    area_of: Callable[[Any], str] = lambda row: ""
    also: str = ""  # one of KEEPS; such a list has its rows' areas in a field `area`
    create: bool = False
    rules: bool = False  # its rows are kept in memory by readers, who must be told
    after: Callable[[Log, Any], None] = lambda log, row: None  # more to write in the same transaction
    note: Text = ""
    detail: str = ""  # a template that shows more of a row
    depth: Callable[[Any], int] | None = None  # a tree: how far a row is set in
    links: tuple[tuple[Text, str], ...] = ()  # above the list: label, route

    @property
    def keeps(self) -> tuple[str, ...]:
        return (EDIT, self.also) if self.also else (EDIT,)

    def all_rows(self) -> Sequence[Any]:
        return self.rows() if self.rows else list(self.model._default_manager.all())

    def one(self, key: str) -> Any | None:
        if self.find:
            return self.find(key)
        with suppress(ValueError, ValidationError):  # no such key can exist
            return self.model._default_manager.filter(pk=key).first()
        return None

    def heading(self, row: Any) -> str:
        """What the page of one row is called."""
        return _text(self.columns[0].value(row))

    def cells(self, row: Any) -> list[str]:
        return [_text(c.value(row)) for c in self.columns]


_sheets: dict[str, Sheet] = {}


def add(sheet: Sheet) -> None:
    _sheets[sheet.key] = sheet


def sheets(actor: Actor) -> list[Sheet]:
    """The lists that this person keeps."""
    return sorted((s for s in _sheets.values() if may_keep(actor, s)), key=lambda s: s.order)


def get(key: str) -> Sheet | None:
    return _sheets.get(key)


def may_keep(actor: Actor, sheet: Sheet, area: str | None = None) -> bool:
    """Whether they keep the list in this area (None: in any)."""
    return any(actor.may(permission, area) for permission in sheet.keeps)


def may_see(actor: Actor, sheet: Sheet, row: Any) -> bool:
    return actor.may(EDIT) or may_keep(actor, sheet, sheet.area_of(row))


def matching(actor: Actor, sheet: Sheet, query: str) -> list[tuple[Any, list[str]]]:
    """Rows that this person sees, with their cells, whose text holds every word of the query."""
    words = query.casefold().split()
    found = ((row, sheet.cells(row)) for row in sheet.all_rows() if may_see(actor, sheet, row))
    return [(row, cells) for row, cells in found
            if all(word in " ".join((*cells, str(row.pk))).casefold() for word in words)]


def may_edit(actor: Actor, sheet: Sheet, row: Any | None) -> bool:
    """Whether they may change the row; None: add one, somewhere."""
    if sheet.form is None:
        return False
    if row is None and sheet.also:
        return may_keep(actor, sheet)
    return may_keep(actor, sheet, (sheet.area_of(row) if row is not None else "") or home())


def form_for(actor: Actor, sheet: Sheet, row: Any | None, data: Any = None) -> ModelForm[Any]:
    """The form of a row (None: a new one), of its areas those that this person keeps."""
    assert sheet.form is not None
    form = sheet.form(data, instance=row)
    if sheet.also:
        area = cast(Any, form.fields["area"])
        area.choices = [(path, name) for path, name in area.choices if may_keep(actor, sheet, path)]
    return form


def plain(row: models.Model, fields: Sequence[str]) -> dict[str, Any]:
    """Field values as JSON keeps them; a foreign key is its key."""
    values = {name: getattr(row, row._meta.get_field(name).attname) for name in fields}  # type: ignore[union-attr]
    return dict(json.loads(json.dumps(values, default=str)))


def seen(row: models.Model, fields: Sequence[str]) -> str:
    """A mark of what the form showed, so that two people's changes do not bury each other."""
    return hashlib.sha256(json.dumps(plain(row, fields), sort_keys=True).encode()).hexdigest()[:16]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "✓" if value else ""
    if isinstance(value, float):
        return f"{value:.5f}".rstrip("0").rstrip(".")
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
