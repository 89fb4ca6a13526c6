"""What is typed on the pages of sites and hazards."""
from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.desk.workflow.forms import Look

from .actions import CONTACT_MAX, Contact, HazardGiven, SiteGiven
from .models import Site
from .terms import OWNERS, RADIUS_M, hazard_kinds, site_kinds


def _choices(rows: Any) -> list[tuple[str, str]]:
    return [("", str(_("Choose …"))), *((code, str(label)) for code, label in rows.items())]


class PointFields(Look, forms.Form):
    """A point: chosen on the map, by a street or crossing, or typed."""

    lon = forms.FloatField(label=_("Longitude"), widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    lat = forms.FloatField(label=_("Latitude"), widget=forms.TextInput(attrs={"inputmode": "decimal"}))


class SiteForm(PointFields):
    name = forms.CharField(max_length=80, label=_("Name"), help_text=_("As on its sign: a place, never a person"))
    code = forms.CharField(max_length=24, label=_("Code"), help_text=_("By which files name it"))
    kind = forms.ChoiceField(label=_("Kind"))
    obliged = forms.ChoiceField(required=False, label=_("Alarm obliged"), choices=(
        ("", _("as its kind says")), ("yes", _("yes")), ("no", _("no"))))  # fmt: skip
    field_order = ("name", "code", "kind", "obliged", "lon", "lat")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = _choices(site_kinds())  # type: ignore[attr-defined]

    @staticmethod
    def of(row: Site) -> dict[str, Any]:
        return {"name": row.name, "code": row.code, "kind": row.kind, "lon": row.lon, "lat": row.lat,
                "obliged": "yes" if row.obliged else "no"}

    def given(self) -> SiteGiven:
        said = self.cleaned_data
        obliged = {"yes": True, "no": False}.get(said["obliged"])
        return SiteGiven(said["code"], said["name"], said["kind"], said["lon"], said["lat"], obliged)


class ContactForm(Look, forms.Form):
    """The key-holder. Sealed; never filled in again from what is kept."""

    name = forms.CharField(max_length=CONTACT_MAX["name"], label=_("Office and name"))
    phone = forms.CharField(max_length=CONTACT_MAX["phone"], label=_("Office telephone"))

    def given(self) -> Contact:
        return Contact(self.cleaned_data["name"], self.cleaned_data["phone"])


class HazardForm(Look, forms.Form):
    """A hazard from the list; nothing can be written in words."""

    kind = forms.ChoiceField(label=_("Hazard"))
    owner = forms.ChoiceField(label=_("Office that answers for it"))
    radius_m = forms.IntegerField(min_value=RADIUS_M[0], max_value=RADIUS_M[1], initial=50, label=_("Radius, m"))
    until = forms.DateField(label=_("Last day"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
                            help_text=_("At most 12 months ahead"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("kind", hazard_kinds()), ("owner", OWNERS)):
            self.fields[name].choices = _choices(rows)  # type: ignore[attr-defined]

    def given(self) -> HazardGiven:
        said = self.cleaned_data
        return HazardGiven(said["kind"], said["owner"], said["until"], said["radius_m"], said.get("lon"),
                           said.get("lat"))


class LooseHazardForm(PointFields, HazardForm):
    """A hazard of a place that is no site."""

    field_order = ("kind", "owner", "radius_m", "until", "lon", "lat")
