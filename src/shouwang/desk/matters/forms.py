"""Forms of the settings pages of this room."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.desk.places import facts as places
from shouwang.desk.places.forms import NAMES, PLACE, Standing
from shouwang.desk.workflow.forms import Look

from .models import MatterType, OfficeItem, ReportingPoint
from .terms import LEVELS, OFFICES, SET_DOWN

KINDS = {"shop": _("shop"), "gatehouse": _("gatehouse"), "office": _("office"), "booth": _("booth"),
         "station": _("stop or station"), "other": _("other")}
HOURS = {"accept_h": _("Hours to accept"), "assign_h": _("Hours to dispatch"), "handle_h": _("Hours to handle"),
         "check_h": _("Hours to check")}


class MatterTypeForm(Look, forms.ModelForm):  # type: ignore[type-arg]
    level = forms.ChoiceField(choices=tuple(LEVELS.items()), label=_("Who settles it"))

    class Meta:
        model = MatterType
        fields = ("zh", "en", "level", "continuous", *HOURS, "active")
        labels = {**NAMES, **HOURS, "active": _("In use"), "continuous": _("Hours run day and night")}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name in HOURS:
            self.fields[name].validators.append(_positive)


def _positive(hours: float) -> None:
    if not 0 < hours <= 2000:
        raise forms.ValidationError(_("From 0.1 to 2000 hours."))


class OfficeItemForm(Look, forms.ModelForm):  # type: ignore[type-arg]
    """What an office has set down: which, how many, and the office that answers for it."""

    area = forms.ChoiceField(label=_("Office of"))
    kind = forms.ChoiceField(choices=tuple(SET_DOWN.items()), label=_("Kind"))

    class Meta:
        model = OfficeItem
        fields = ("area", "kind", "zh", "en", "count", "answers", "active")
        labels = {**NAMES, "count": _("How many"), "answers": _("Office that answers for it"), "active": _("In use")}
        help_texts = {"answers": _("An office or post, never a person")}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].choices = [  # type: ignore[attr-defined]
            (a.area, a.name) for a in places.area_names().values() if a.kind in OFFICES]


class PointForm(Standing, Look, forms.ModelForm):  # type: ignore[type-arg]
    """A reporting point. Its code stands in the address of the mark and is chosen once."""

    code = forms.RegexField(r"^[A-Za-z0-9-]{2,12}$", label=_("Code"), help_text=_("2 to 12 letters or digits"))
    kind = forms.ChoiceField(choices=tuple(KINDS.items()), label=_("Kind"))

    class Meta:
        model = ReportingPoint
        fields = ("code", "kind", "zh", "en", "lon", "lat", "active")
        labels = {**NAMES, **PLACE, "active": _("In use")}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            del self.fields["code"]
