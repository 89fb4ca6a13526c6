"""Forms of the settings pages for units and their kinds."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.desk.places.forms import NAMES, PLACE, Standing
from shouwang.desk.workflow.forms import Look

from .models import Capability, Unit, UnitKind

MOVES = (("mobile", gettext_lazy("moves")), ("post", gettext_lazy("stands at a post")))


class Skilled:
    """A row with capabilities, ticked from the list of those that exist."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(c.code, str(c)) for c in Capability.objects.order_by("service", "code")]
        self.fields["capabilities"] = forms.MultipleChoiceField(
            choices=choices, required=False, widget=forms.CheckboxSelectMultiple, label=gettext_lazy("Capabilities")
        )


class UnitForm(Skilled, Standing, Look, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Unit
        fields = ("code", "kind", "zh", "en", "lon", "lat", "active", "capabilities")
        labels = {
            **NAMES,
            **PLACE,
            "code": gettext_lazy("Short name"),
            "kind": gettext_lazy("Kind"),
            "active": gettext_lazy("In use"),
            "capabilities": gettext_lazy("Capabilities"),
        }
        help_texts = {
            "code": gettext_lazy("As the desk types it, such as 巡05"),
            "lon": gettext_lazy("Of its home post"),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.instance._state.adding:
            self.instance.state_since = timezone.now()
        elif not cleaned.get("active", True) and self.instance.state not in ("off_duty", "out_of_service"):
            raise ValidationError({"active": _("The unit is on duty; clock it off first.")})
        return cleaned


class UnitKindForm(Skilled, Look, forms.ModelForm):  # type: ignore[type-arg]
    moves = forms.ChoiceField(choices=MOVES, label=gettext_lazy("Moves"))

    class Meta:
        model = UnitKind
        fields = ("zh", "en", "letter", "moves", "crew_default", "turnout_s", "capabilities")
        labels = {
            **NAMES,
            "letter": gettext_lazy("Letter on plates"),
            "crew_default": gettext_lazy("Crew"),
            "turnout_s": gettext_lazy("Turn-out, seconds"),
        }


class CapabilityForm(Look, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Capability
        fields = ("zh", "en")
        labels = NAMES
