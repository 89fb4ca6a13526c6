"""The settings page of jurisdiction rules."""
from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.desk.log import names
from shouwang.desk.places import facts as places
from shouwang.desk.places.forms import NAMES
from shouwang.desk.sites.terms import site_kinds
from shouwang.desk.workflow.agencies import agencies, names_of
from shouwang.desk.workflow.forms import Look
from shouwang.desk.workflow.sheet import Column, Sheet, add
from shouwang.desk.workflow.zone import day_of

from .models import CallType, Jurisdiction, ResponsePlan
from .sheets import WordList, type_names

DISTRICT = gettext_lazy("the whole district")
ROADS = {
    "motorway": gettext_lazy("expressway"), "motorway_link": gettext_lazy("ramp of an expressway"),
    "trunk": gettext_lazy("trunk road"), "trunk_link": gettext_lazy("ramp of a trunk road"),
    "primary": gettext_lazy("main road"), "primary_link": gettext_lazy("ramp of a main road"),
    "secondary": gettext_lazy("secondary road"), "secondary_link": gettext_lazy("ramp of a secondary road"),
    "tertiary": gettext_lazy("branch road"), "tertiary_link": gettext_lazy("ramp of a branch road"),
    "residential": gettext_lazy("residential street"), "unclassified": gettext_lazy("other street"),
}  # the classes of streets by their names in OpenStreetMap


class JurisdictionForm(Look, forms.ModelForm):  # type: ignore[type-arg]
    """One rule. Codes are checked against the tables they are of."""

    rank = forms.IntegerField(min_value=1, max_value=999, label=gettext_lazy("Rank"), help_text=gettext_lazy(
        "Of several rules that hold the lowest one decides."))
    types = WordList(required=False, max_length=400, label=gettext_lazy("Types of calls"), help_text=gettext_lazy(
        "Codes of call types or of their classes, such as 30 or 400104. Empty for all."))
    area = forms.ChoiceField(required=False, label=gettext_lazy("Where the call is"))
    roads = forms.MultipleChoiceField(required=False, choices=tuple(ROADS.items()), label=gettext_lazy(
        "On streets of the class"), widget=forms.CheckboxSelectMultiple)
    site_kinds = forms.MultipleChoiceField(required=False, label=gettext_lazy("At a site of the kind"),
                                           widget=forms.SelectMultiple(attrs={"size": 8}))
    border_m = forms.IntegerField(required=False, min_value=1, max_value=20_000, label=gettext_lazy(
        "No farther from the district's border, m"))
    agency = forms.ChoiceField(required=False, label=gettext_lazy("Agency that answers first"))
    home = forms.ChoiceField(required=False, label=gettext_lazy("Area whose units count as those of the place"))
    fallback = forms.ChoiceField(required=False, label=gettext_lazy("If it refuses or is late"))

    class Meta:
        model = Jurisdiction
        fields = ("code", "zh", "en", "rank", "types", "area", "roads", "site_kinds", "border_m", "from_time",
                  "to_time", "agency", "home", "fallback", "from_day", "to_day", "active")
        labels = {**NAMES, "code": gettext_lazy("Code"), "from_time": gettext_lazy("From, time of day"),
                  "to_time": gettext_lazy("Until, time of day"), "from_day": gettext_lazy("In force from"),
                  "to_day": gettext_lazy("Last day"), "active": gettext_lazy("In use")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas = [(a.area, a.name) for kind in ("control_area", "community") for a in places.areas(kind)]
        known = [(code, agency.name) for code, agency in agencies().items()]
        for field, none, choices in (("area", DISTRICT, areas), ("home", "—", areas), ("agency", "—", known),
                                     ("fallback", gettext_lazy("the centre's own units"), known)):
            self.fields[field].choices = [("", none), *choices]  # type: ignore[attr-defined]  # as declared above
        kinds = [(code, str(kind)) for code, kind in site_kinds().items()]
        self.fields["site_kinds"].choices = kinds  # type: ignore[attr-defined]  # a field of choices, as declared above
        if self.instance._state.adding:
            self.fields["from_day"].initial = day_of(timezone.now())
        for field in ("roads", "site_kinds"):
            self.fields[field].help_text = _("None ticked: anywhere.")

    def clean_types(self) -> list[str]:
        """All that are unknown are named at once."""
        known = set(CallType.objects.values_list("code", flat=True))
        given: list[str] = self.cleaned_data["types"]
        if wrong := [code for code in given if code not in known]:
            raise forms.ValidationError(_("There is no %(codes)s.") % {"codes": ", ".join(wrong)})
        return given

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("agency") and not cleaned.get("home"):
            self.add_error("agency", _("Say who answers: an agency, or the units of an area."))
        first, last = cleaned.get("from_day"), cleaned.get("to_day")
        if first and last and last < first:
            self.add_error("to_day", _("The last day is before the first."))
        return cleaned


def _where(row: Jurisdiction) -> str:
    """The conditions of a place, in one line."""
    area = next((a.name for a in places.areas() if a.area == row.area), row.area) if row.area else ""
    kinds = [str(site_kinds()[k]) for k in row.site_kinds if k in site_kinds()]
    border = _("within %(n)s m of the border") % {"n": row.border_m} if row.border_m else ""
    roads = [str(ROADS.get(k, k)) for k in row.roads]
    return ", ".join(t for t in (area, *roads, *kinds, border) if t) or str(DISTRICT)


def hours(row: Jurisdiction | ResponsePlan) -> str:
    if row.from_time == row.to_time:
        return _("all day")
    return " – ".join(f"{at:%H:%M}" if at else "00:00" for at in (row.from_time, row.to_time))


def _who(row: Jurisdiction) -> str:
    home = next((a.name for a in places.areas() if a.area == row.home), row.home) if row.home else ""
    return ", ".join(t for t in (names_of([row.agency]).get(row.agency, row.agency), home) if t)


def load() -> None:
    names.known_by("jurisdiction", lambda ids: {str(r.id): r.code for r in Jurisdiction.objects.filter(id__in=ids)})
    add(
        Sheet(
            key="jurisdiction",
            title=gettext_lazy("Jurisdiction rules"),
            order=52,
            model=Jurisdiction,
            form=JurisdictionForm,
            create=True,
            rows=lambda: list(Jurisdiction.objects.order_by("rank", "code")),
            note=gettext_lazy("Who answers first for a kind of call at a kind of place. Where no rule holds, the units "
                              "of the place answer. The recommendation of a call says which rule decided."),
            columns=(
                Column(gettext_lazy("Code"), lambda r: r.code),
                Column(gettext_lazy("Name"), str),
                Column(gettext_lazy("Calls"), lambda r: list(type_names(r.types).values()) or _("all")),
                Column(gettext_lazy("Where"), _where),
                Column(gettext_lazy("Time of day"), hours),
                Column(gettext_lazy("Answers first"), _who),
                Column(gettext_lazy("In force from"), lambda r: r.from_day.isoformat()),
                Column(gettext_lazy("Last day"), lambda r: r.to_day and r.to_day.isoformat()),
                Column(gettext_lazy("In use"), lambda r: r.active),
                Column(gettext_lazy("Mark"), lambda r: _("example") if r.example else ""),
            ),
        )
    )
