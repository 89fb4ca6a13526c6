"""Forms of neighbouring centres."""
from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.desk.workflow.forms import Look

from .neighbours import Given
from .terms import SENT


class NeighbourForm(Look, forms.Form):
    zh = forms.CharField(max_length=80, label=_("Name, in Chinese"))
    en = forms.CharField(max_length=80, label=_("Name, in English"))
    address = forms.CharField(max_length=200, label=_("Web address"),
                              help_text=_("https:// and the host of its centre, with the port where it is not 443"))
    public_key = forms.CharField(max_length=60, label=_("Its key"),
                                 help_text=_("43 characters, from the same page of its centre. Another key has to be "
                                             "compared by two people anew."))
    sends = forms.MultipleChoiceField(choices=tuple(SENT.items()), required=False, label=_("It may also be sent"),
                                      widget=forms.CheckboxSelectMultiple,
                                      help_text=_("It always gets the kind, level, street and point of the call and "
                                                  "what you ask; never who called or what they said."))
    active = forms.BooleanField(required=False, initial=True, label=_("In use"))
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def given(self) -> Given:
        said: dict[str, Any] = self.cleaned_data
        return Given(said["zh"], said["en"], said["address"], said["public_key"], tuple(said["sends"]), said["active"])


class CompareForm(Look, forms.Form):
    digits = forms.CharField(max_length=20, label=_("Its last 8 digits, as they were read out to you"))
