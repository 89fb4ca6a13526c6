"""The settings pages over HTTP: every list, its rows as its form holds them, and their changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Denied, Missing, Refused
from shouwang.desk.log.gate import actor, opens
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.posted import Posted

from . import actions, sheet
from .sheet import KEEPS, Sheet

router = Router(tags=["settings"])
PER_PAGE = 50
Values = dict[str, Any]


class SettingsFieldOut(Schema):
    name: str
    label: str
    help: str
    required: bool
    choices: list[str] | None = Field(description="null: anything of its kind")


class SettingsListOut(Schema):
    key: str
    title: str
    note: str
    read_only: bool
    create: bool = Field(description="Whether rows can be added")


class SettingsRowOut(Schema):
    key: str
    heading: str
    values: Values = Field(description="By field; empty for a list that is only read")
    mark: str = Field(description="Of these values: a change names the ones it was made on")


class SettingsLineOut(SettingsRowOut):
    cells: list[str] = Field(description="By column, in the reader's language")


class SettingsOneOut(SettingsRowOut):
    fields: list[SettingsFieldOut]


class SettingsSavedOut(SettingsOneOut):
    event: UUID | None = Field(description="Undoes the change; null: nothing was changed")


class SettingsRowsOut(SettingsListOut):
    columns: list[str]
    fields: list[SettingsFieldOut] = Field(description="Of a new row, where rows can be added")
    total: int
    page: int
    rows: list[SettingsLineOut]


class RowsAsked(Schema):
    q: str = Field("", max_length=80, pattern=r"^[^\x00-\x1f]*$")
    page: int = Field(1, ge=1, le=10_000)


class SettingsRowIn(Posted):
    values: Values = Field(description="By field; a field that is left out stays empty")
    reason: str = Field(min_length=1, max_length=500, description="Sealed")
    key: UUID | None = Field(None, description="Made by the client: a retry with it does nothing twice")


class SettingsChangeIn(Posted):
    values: Values = Field(description="By field; a field that is left out stays as it is")
    mark: str = Field(max_length=16, description="Of the values that were looked at: 409 if they have moved on")
    reason: str = Field(min_length=1, max_length=500, description="Sealed")
    key: UUID | None = Field(None, description="Made by the client: a retry with it does nothing twice")


class SettingsUndoIn(Posted):
    event: UUID


@router.get("/settings", response=list[SettingsListOut])
@opens(*KEEPS)
def sheets(request: HttpRequest) -> list[dict[str, Any]]:
    """The lists of the settings: areas, posts, units, terminals, call types, jurisdiction rules, event plans, …"""
    return [_head(found) for found in sheet.sheets(actor(request))]


@router.get("/settings/{key}", response=SettingsRowsOut)
@opens(*KEEPS)
def rows(request: HttpRequest, key: str, asked: Query[RowsAsked]) -> dict[str, Any]:
    """One list, a page of it, from 1."""
    found = _sheet(request, key)
    who = actor(request)
    lines = sheet.matching(who, found, asked.q)
    first = (asked.page - 1) * PER_PAGE
    return {**_head(found), "columns": [str(c.label) for c in found.columns], "total": len(lines), "page": asked.page,
            "fields": _fields(sheet.form_for(who, found, None)) if found.form and found.create else [],
            "rows": [{**_row(found, row), "cells": cells} for row, cells in lines[first:first + PER_PAGE]]}


@router.post("/settings/{key}", response=SettingsSavedOut)
@opens(*KEEPS)
def add(request: HttpRequest, key: str, body: SettingsRowIn) -> dict[str, Any]:
    """Add a row, with the reason."""
    found = _sheet(request, key)
    if not found.create or found.form is None:
        raise Refused(_("Rows cannot be added to this list."), code="create")
    return _save(request, found, None, body.values, body.reason, "", body.key)


@router.post("/settings/{key}/undo", response=SettingsOneOut)
@opens(*KEEPS)
def undo(request: HttpRequest, key: str, body: SettingsUndoIn) -> dict[str, Any]:
    """Set back what one's own change changed, as long as nobody has changed it further."""
    found = _sheet(request, key)
    row = actions.undo(actor=actor(request), now=timezone.now(), sheet=found, event_id=body.event)
    return _one(request, found, row)


@router.get("/settings/{key}/{row_key}", response=SettingsOneOut)
@opens(*KEEPS)
def row(request: HttpRequest, key: str, row_key: str) -> dict[str, Any]:
    """One row with its fields."""
    found = _sheet(request, key)
    return _one(request, found, _found(request, found, row_key))


@router.patch("/settings/{key}/{row_key}", response=SettingsSavedOut)
@opens(*KEEPS)
def change(request: HttpRequest, key: str, row_key: str, body: SettingsChangeIn) -> dict[str, Any]:
    """Change a row, with the reason. What is to end is put out of use, or given its last day."""
    found = _sheet(request, key)
    if found.form is None:
        raise Refused(_("This list is only read."), code="read_only")
    return _save(request, found, _found(request, found, row_key), body.values, body.reason, body.mark or "-", body.key)


def _save(request: HttpRequest, found: Sheet, old: Any, values: Values, reason: str, mark: str,
          key: UUID | None) -> dict[str, Any]:
    assert found.form is not None
    who, now, key = actor(request), timezone.now(), key or new_id()
    if (done := actions.written(actor=who, sheet=found, key=key)) is not None:
        return {**_one(request, found, done), "event": key}
    form = _bound(who, found, old, values)
    if not form.is_valid():
        raise _faults(form)
    new = form.save(commit=False)
    event = actions.save(actor=who, now=now, sheet=found, row=new, fields=_names(found), reason=reason, shown=mark,
                         key=key)
    return {**_one(request, found, _found(request, found, str(new.pk))), "event": event}


def _bound(who: Actor, found: Sheet, old: Any, values: Values) -> forms.ModelForm[Any]:
    """The form with the values given over those that stand. Raises Refused for a field that it does not have."""
    blank = sheet.form_for(who, found, old)
    if unknown := sorted(values.keys() - blank.fields.keys()):
        raise Refused(_("There is no field %(names)s. There are: %(all)s.") % {
            "names": ", ".join(unknown)[:200], "all": ", ".join(blank.fields)}, field=unknown[0][:80], code="field")
    data = {name: _typed(name, field, values.get(name, blank.get_initial_for_field(field, name)))
            for name, field in blank.fields.items()}
    return sheet.form_for(who, found, old, data)


def _typed(name: str, field: forms.Field, value: Any) -> Any:
    """A value as the field takes it from a page: a list that the page has in lines may be given as a list."""
    try:
        text = field.prepare_value(value)
    except (AttributeError, KeyError, TypeError, ValueError):
        text = value
    if isinstance(text, Mapping) or (isinstance(text, list) and not isinstance(field, forms.MultipleChoiceField)):
        raise Refused(_("%(name)s cannot be read: write it as this list gives it.") % {"name": name}, field=name,
                      code="invalid")
    return text


def _faults(form: forms.ModelForm[Any]) -> Refused:
    """Every fault at once, at the first field that has one."""
    told = [f"{form.fields[name].label}: {fault}" if name in form.fields else str(fault)
            for name, faults in form.errors.items() for fault in faults]
    first = next((name for name in form.errors if name in form.fields), "")
    return Refused(" ".join(told), field=first, code="form")


def _head(found: Sheet) -> dict[str, Any]:
    return {"key": found.key, "title": str(found.title), "note": str(found.note), "read_only": found.form is None,
            "create": found.create}


def _row(found: Sheet, row: Any) -> dict[str, Any]:
    values, mark = {}, ""
    if found.form is not None:
        form = found.form(instance=row)
        values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
        mark = sheet.seen(row, _names(found))
    return {"key": str(row.pk), "heading": found.heading(row), "mark": mark,
            "values": json.loads(json.dumps(values, default=str))}


def _one(request: HttpRequest, found: Sheet, row: Any) -> dict[str, Any]:
    fields = _fields(sheet.form_for(actor(request), found, row)) if found.form else []
    return {**_row(found, row), "fields": fields}


def _fields(form: forms.ModelForm[Any]) -> list[dict[str, Any]]:
    return [{"name": name, "label": str(field.label or name), "help": str(field.help_text), "required": field.required,
             "choices": [str(code) for code, _label in field.choices] if hasattr(field, "choices") else None}
            for name, field in form.fields.items()]


def _names(found: Sheet) -> list[str]:
    return list(found.form._meta.fields or ())  # type: ignore[union-attr]


def _sheet(request: HttpRequest, key: str) -> Sheet:
    found = sheet.get(key)
    if found is None:
        raise Missing(_("There is no such list."), code="sheet")
    if not sheet.may_keep(actor(request), found):
        raise Denied(found.keeps[0])
    return found


def _found(request: HttpRequest, found: Sheet, row_key: str) -> Any:
    row = found.one(row_key)
    if row is None or not sheet.may_see(actor(request), found, row):
        raise Missing(_("There is no such row."), code="row")
    return row
