"""The form that asks to see a past hour."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.desk.places.facts import Spot

from .terms import LENGTHS


class PastForm(forms.Form):
    area = forms.ChoiceField()
    start = forms.DateTimeField(error_messages={"required": _("Give the day and time.")})
    minutes = forms.TypedChoiceField(choices=[(n, str(n)) for n in LENGTHS], coerce=int, initial=60)
    reason = forms.CharField(max_length=500, error_messages={"required": _("Say why you need to see it.")})

    def __init__(self, data: Any = None, *, areas: Iterable[Spot], **more: Any) -> None:
        super().__init__(data, **more)
        self.fields["area"].choices = [(a.area, a.name) for a in areas]  # type: ignore[attr-defined]
