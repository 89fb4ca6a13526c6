"""What residents' pages send: JSON, read through a form."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from django.forms import Form
from django.http import HttpRequest

from shouwang.desk.log.errors import Refused

F = TypeVar("F", bound=Form)


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The object that was sent; an empty one for anything else."""
    try:
        body: Any = json.loads(request.body)
        json.dumps(body, ensure_ascii=False).encode()  # halves of characters are no text
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {}


def checked(form: F) -> F:
    """The form, if it is valid. Raises Refused at its first field that is not."""
    if not form.is_valid():
        field, faults = next(iter(form.errors.items()))
        raise Refused(f"{form.fields[field].label or field}: {faults[0]}", field=field, code="form")
    return form
