"""What a page's form sent is read without trust."""
from __future__ import annotations

from typing import Any

import pytest
from django import forms

from shouwang.desk.log.errors import Refused
from shouwang.desk.log.posted import given_id, given_version, tried

ID = "0190c8a1-0000-7000-8000-000000000001"


@pytest.mark.parametrize("text", [None, "", "1", "x" * 36, ID + "0", "'; drop table"])
def test_what_is_no_identifier_is_none(text: str | None) -> None:
    assert given_id(text) is None


def test_an_identifier_is_itself() -> None:
    assert str(given_id(ID)) == ID


@pytest.mark.parametrize(("text", "version"), [
    ("7", 7), ("0", 0), (None, 0), ("", 0), ("-1", 0), ("1.5", 0), ("٣", 0), ("²", 0),
    ("1" * 10, 0), ("1" * 9, 111_111_111)])
def test_a_version_is_a_figure_or_one_that_no_row_has(text: str | None, version: int) -> None:
    assert given_version(text) == version


class Form(forms.Form):
    name = forms.CharField(max_length=3)
    hours = forms.IntegerField(required=False)


def refuse(field: str) -> Any:
    raise Refused("Not so.", field=field)


@pytest.mark.parametrize(("field", "at"), [("name", "name"), ("minutes", "hours"), ("elsewhere", "__all__")])
def test_a_refusal_stands_at_its_field(field: str, at: str) -> None:
    form = Form({"name": "a"})
    assert tried(form, lambda: refuse(field), {"minutes": "hours"}) is None
    assert form.errors == {at: ["Not so."]}


@pytest.mark.parametrize("data", [None, {}, {"name": "long"}])
def test_nothing_is_done_with_an_empty_or_wrong_form(data: dict[str, str] | None) -> None:
    assert tried(Form(data), lambda: pytest.fail("done")) is None


def test_what_was_done_is_given() -> None:
    assert tried(Form({"name": "a"}), lambda: 5) == 5
