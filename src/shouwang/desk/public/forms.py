"""What a resident's page sends."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.desk.mediation.terms import MOST_OF_PARTY, WHO, NewDispute, NewParty


class ReportForm(forms.Form):
    """A report with its proof of work. Photos are read apart."""

    id = forms.UUIDField(label="id")
    token = forms.CharField(max_length=200, label="token")
    counter = forms.IntegerField(min_value=0, max_value=2**53, label="counter")
    type = forms.CharField(max_length=6, label=_("What is it"))
    lon = forms.FloatField(min_value=-180, max_value=180, label=_("Longitude"))
    lat = forms.FloatField(min_value=-90, max_value=90, label=_("Latitude"))
    place = forms.CharField(max_length=120, required=False, label=_("Where"))
    words = forms.CharField(max_length=1000, required=False, label=_("In a few words (optional)"))
    contact = forms.CharField(max_length=60, required=False, label=_("Telephone (optional)"))
    point = forms.CharField(max_length=12, required=False, label=_("Reporting point"))


class AnswerForm(forms.Form):
    """Answers to a survey with their proof of work. The answers are read apart."""

    id = forms.UUIDField(label="id")
    token = forms.CharField(max_length=200, label="token")
    counter = forms.IntegerField(min_value=0, max_value=2**53, label="counter")
    area = forms.CharField(max_length=200, required=False, label=_("Community"))


class AskForm(forms.Form):
    """A request for mediation with its proof of work: who asks, and who the other side is, if it can be said."""

    id = forms.UUIDField(label="id")
    token = forms.CharField(max_length=200, label="token")
    counter = forms.IntegerField(min_value=0, max_value=2**53, label="counter")
    kind = forms.CharField(max_length=6, label=_("What the quarrel is about"))
    area = forms.CharField(max_length=200, label=_("Community"))
    account = forms.CharField(max_length=1000, required=False, label=_("In a few words"))
    who = forms.ChoiceField(choices=tuple(WHO.items()), required=False, label=_("Person or organisation"))
    name = forms.CharField(max_length=MOST_OF_PARTY["name"], label=_("What you are called"))
    phone = forms.CharField(max_length=MOST_OF_PARTY["phone"], label=_("Telephone"))
    address = forms.CharField(max_length=MOST_OF_PARTY["address"], required=False, label=_("Where you live or work"))
    other = forms.CharField(max_length=MOST_OF_PARTY["name"], required=False, label=_("Whom the quarrel is with"))
    other_who = forms.ChoiceField(choices=tuple(WHO.items()), required=False, label=_("Person or organisation"))
    other_address = forms.CharField(max_length=MOST_OF_PARTY["address"], required=False,
                                    label=_("Where the other side is found"))

    def given(self) -> NewDispute:
        said = self.cleaned_data
        id: UUID = said["id"]
        asks = NewParty("a", said["who"] or "person", said["name"], said["phone"], said["address"])
        other = (NewParty("b", said["other_who"] or "person", said["other"], "", said["other_address"]),)
        return NewDispute(id, said["kind"], said["area"], said["account"], (asks, *(other if said["other"] else ())))
