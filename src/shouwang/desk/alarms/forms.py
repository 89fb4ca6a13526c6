"""The form of a vehicle terminal."""
from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.desk.units.models import Unit
from shouwang.desk.workflow.forms import Look

from .models import DUTY, ROLES, VEHICLES, Terminal

NUMBER = re.compile(r"[1-9][0-9]{3,19}")


class TerminalForm(Look, forms.ModelForm):  # type: ignore[type-arg]
    role = forms.ChoiceField(choices=tuple(ROLES.items()), label=gettext_lazy("Whose"))
    unit = forms.ModelChoiceField(Unit.objects.filter(active=True).order_by("code"), required=False, empty_label="—",
                                  label=gettext_lazy("Unit"), help_text=gettext_lazy("Of a vehicle on duty"))
    vehicle = forms.ChoiceField(choices=(("", "—"), *VEHICLES.items()), required=False,
                                label=gettext_lazy("Kind of vehicle"), help_text=gettext_lazy("Of a third party's"))

    class Meta:
        model = Terminal
        fields = ("number", "role", "unit", "vehicle", "device", "active")
        labels = {"number": gettext_lazy("Number of the terminal"), "device": gettext_lazy("Mark on the device"),
                  "active": gettext_lazy("In use")}
        help_texts = {"number": gettext_lazy("4 to 20 digits, as set in the device"),
                      "device": gettext_lazy("If given, a registration with another mark is refused")}

    def clean_number(self) -> str:
        number = self.cleaned_data["number"].strip().lstrip("0")
        if not NUMBER.fullmatch(number):
            raise ValidationError(_("Write 4 to 20 digits."))
        if Terminal.objects.filter(number=number).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("A terminal with this number is registered already."))
        return str(number)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        duty = cleaned.get("role") == DUTY
        if duty and not cleaned.get("unit"):
            raise ValidationError({"unit": _("Choose the unit whose vehicle it is in.")})
        if not duty and not cleaned.get("vehicle"):
            raise ValidationError({"vehicle": _("Choose the kind of vehicle.")})
        return cleaned | ({"vehicle": ""} if duty else {"unit": None})
