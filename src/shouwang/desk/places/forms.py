"""Forms of the settings pages for areas and posts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.desk.workflow.forms import Look

from . import facts
from .models import Area, Landmark, Post

NAMES = {"zh": gettext_lazy("Name in Chinese"), "en": gettext_lazy("Name in English")}
PLACE = {"lon": gettext_lazy("Longitude"), "lat": gettext_lazy("Latitude")}
SETTINGS = (
    ("town", gettext_lazy("town")),
    ("outskirts", gettext_lazy("outskirts")),
    ("country", gettext_lazy("country")),
)
POST_KINDS = {
    "station": gettext_lazy("police station"),
    "platform": gettext_lazy("police platform"),
    "booth": gettext_lazy("booth"),
    "checkpoint": gettext_lazy("checkpoint"),
    "fire_station": gettext_lazy("fire station"),
    "office": gettext_lazy("office"),
}


LANDMARK_KINDS = {
    "park": gettext_lazy("park or square"),
    "school": gettext_lazy("school or university"),
    "hospital": gettext_lazy("hospital"),
    "transport": gettext_lazy("railway, bus or metro station"),
    "bridge": gettext_lazy("bridge or tunnel"),
    "market": gettext_lazy("market or shopping street"),
    "culture": gettext_lazy("museum, theatre or library"),
    "sports": gettext_lazy("stadium or sports ground"),
    "government": gettext_lazy("government office"),
    "building": gettext_lazy("building"),
    "other": gettext_lazy("other"),
}


class AreaForm(Look, forms.ModelForm):  # type: ignore[type-arg]
    setting = forms.ChoiceField(choices=SETTINGS, label=gettext_lazy("Arrival standard"))

    class Meta:
        model = Area
        fields = ("zh", "en", "setting")
        labels = NAMES


class Standing:
    """A row with a place of its own: its area is found from its coordinates, never typed."""

    def clean(self: Any) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()  # type: ignore[misc]
        lon, lat = cleaned.get("lon"), cleaned.get("lat")
        if lon is not None and lat is not None:
            if not (-180 <= lon <= 180 and -90 <= lat <= 90):
                raise ValidationError({"lon": _("Longitude is −180 to 180, latitude −90 to 90.")})
            self.instance.area = facts.locate(lon, lat)
            if not self.instance.area:
                raise ValidationError({"lon": _("This point lies outside the district.")})
        return cleaned


class PostForm(Standing, Look, forms.ModelForm):  # type: ignore[type-arg]
    kind = forms.ChoiceField(choices=tuple(POST_KINDS.items()), label=gettext_lazy("Kind"))

    class Meta:
        model = Post
        fields = ("code", "kind", "zh", "en", "lon", "lat", "active")
        labels = {**NAMES, **PLACE, "code": gettext_lazy("Code"), "active": gettext_lazy("In use")}


class LandmarkForm(Standing, Look, forms.ModelForm):  # type: ignore[type-arg]
    kind = forms.ChoiceField(choices=tuple(LANDMARK_KINDS.items()), label=gettext_lazy("Kind"))

    class Meta:
        model = Landmark
        fields = ("code", "kind", "zh", "en", "others", "lon", "lat", "active")
        labels = {**NAMES, **PLACE, "code": gettext_lazy("Code"), "active": gettext_lazy("In use"),
                  "others": gettext_lazy("Further names, split by semicolons")}
