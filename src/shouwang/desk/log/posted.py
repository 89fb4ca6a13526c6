"""What a form or the body of a request holds, read without trust."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar
from uuid import UUID

from django import forms
from ninja import Schema

from .errors import Refused

T = TypeVar("T")


class Posted(Schema, extra="forbid"):
    """The body of a request to the API. A field it does not know is refused by its name: who misspells one that may be
    left out would otherwise lose what stands in it, without a word."""


def given_id(text: str | None) -> UUID | None:
    """The identifier that a page made; None for what is none."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


def given_version(text: str | None) -> int:
    """The version that a page showed; 0, which no row has, for none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def tried(form: forms.Form, do: Callable[[], T], fields: Mapping[str, str] = {}) -> T | None:
    """What the action gives; None when the form is empty or wrong, with every fault at its field.

    fields: for what the action calls otherwise than the form, the action's name -> the form's.
    """
    if not form.is_valid():
        return None
    try:
        return do()
    except Refused as error:
        field = fields.get(error.field, error.field)
        form.add_error(field if field in form.fields else None, str(error.message))
        return None
