"""What a resident's page sends."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


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
