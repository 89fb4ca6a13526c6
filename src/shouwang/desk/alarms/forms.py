"""Forms of vehicle terminals and of alarm panels."""
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
from .panels import SUPERVISE_S, PanelGiven

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


class PanelForm(Look, forms.Form):
    """An alarm panel. `kept`: a key is kept already, and stays when the field is left empty."""

    account = forms.CharField(max_length=16, label=gettext_lazy("Account"),
                              help_text=gettext_lazy("As set in the panel: 3 to 16 hexadecimal digits"))
    supervise_s = forms.IntegerField(min_value=SUPERVISE_S[0], max_value=SUPERVISE_S[1], initial=90,
                                     label=gettext_lazy("Sends at least every, seconds"),
                                     help_text=gettext_lazy("When nothing comes for longer, it is listed as silent"))
    key = forms.CharField(required=False, max_length=80, label=gettext_lazy("Key"),
                          widget=forms.PasswordInput(attrs={"autocomplete": "off"}))
    no_key = forms.BooleanField(required=False, label=gettext_lazy("Take the key away: the panel sends in the clear"))
    active = forms.BooleanField(required=False, initial=True, label=gettext_lazy("In use"))
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, kept: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        says = _("32, 48 or 64 hexadecimal digits; or text: and 16, 24 or 32 characters, for panels that take it as "
                 "written.")
        stays = _("Empty: the kept one stays.")
        self.fields["key"].help_text = f"{says} {stays}" if kept else says
        if not kept:
            del self.fields["no_key"]

    def given(self) -> PanelGiven:
        said = self.cleaned_data
        key = "" if said.get("no_key") else said["key"] or None
        return PanelGiven(said["account"], said["supervise_s"], key, said["active"])
