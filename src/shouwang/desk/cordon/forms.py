"""Forms of this room: an exit in the settings, and how many checkpoints."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.desk.places.forms import NAMES, PLACE
from shouwang.desk.workflow.forms import Look

from . import advice, facts
from .models import Exit

MOST_CHECKPOINTS = 20


class ExitForm(Look, forms.ModelForm):  # type: ignore[type-arg]
    """An exit may stand a little beyond the border, but not where there is no street."""

    class Meta:
        model = Exit
        fields = ("zh", "en", "lon", "lat", "active")
        labels = {**NAMES, **PLACE, "active": gettext_lazy("In use")}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        lon, lat = cleaned.get("lon"), cleaned.get("lat")
        if lon is not None and lat is not None:
            if not (-180 <= lon <= 180 and -90 <= lat <= 90):
                raise ValidationError({"lon": _("Longitude is −180 to 180, latitude −90 to 90.")})
            if not advice.near_a_street(lon, lat):
                raise ValidationError({"lon": _("No street lies within 1 km of this point.")})
            self.instance.area = facts.area_at(lon, lat)
        return cleaned


class CountForm(Look, forms.Form):
    """How many permanent checkpoints."""

    count = forms.IntegerField(
        min_value=1, max_value=MOST_CHECKPOINTS, label=gettext_lazy("How many places"),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
