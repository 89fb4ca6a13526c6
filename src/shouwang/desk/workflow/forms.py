"""Forms of the settings pages: one look, and the rules that hold for rules."""
from __future__ import annotations

import re
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import Setting, Timer
from .settings import SPECS

CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class Look:
    """Gives each control the class of the design; figures are typed as text would be, full-width digits included."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput | forms.CheckboxSelectMultiple | forms.RadioSelect):
                field.widget.attrs.setdefault("class", "in")


class SettingForm(Look, forms.ModelForm):  # type: ignore[type-arg]
    """One value of the table SPECS, in the type of its default."""

    value = forms.CharField(required=False, max_length=200, label=gettext_lazy("Value"))

    class Meta:
        model = Setting
        fields = ("value",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.spec = SPECS[self.instance.key]
        value = self.instance.value
        self.initial["value"] = ", ".join(value) if isinstance(value, list) else value
        self.fields["value"].label = self.spec.label
        self.fields["value"].help_text = self._help()

    def _help(self) -> str:
        bounds = ""
        if self.spec.minimum is not None:
            bounds = _("%(least)s to %(most)s.") % {"least": self.spec.minimum, "most": self.spec.maximum}
        default = ", ".join(self.spec.default) if isinstance(self.spec.default, list) else self.spec.default
        return " ".join(p for p in (str(self.spec.help), bounds, _("Default: %(value)s") % {"value": default or "—"}) if p)

    def clean_value(self) -> Any:
        text = self.cleaned_data["value"].strip()
        default = self.spec.default
        if isinstance(default, int):
            return self._figure(text)
        if isinstance(default, list):
            return self._clocks(text)
        if self.spec.key == "time_zone" and text not in available_timezones():
            raise ValidationError(_("There is no such time zone. Write it like Asia/Shanghai."))
        if isinstance(default, str) and CLOCK.fullmatch(default) and not CLOCK.fullmatch(text):
            raise ValidationError(_("Write a time like 07:00."))
        return text

    def _figure(self, text: str) -> int:
        try:
            figure = int(text)  # int() reads full-width digits too
        except ValueError:
            raise ValidationError(_("Write a whole number.")) from None
        low, high = self.spec.minimum, self.spec.maximum
        if (low is not None and figure < low) or (high is not None and figure > high):
            raise ValidationError(_("Write a number from %(least)s to %(most)s.") % {"least": low, "most": high})
        return figure

    def _clocks(self, text: str) -> list[str]:
        clocks = [part for part in re.split(r"[\s,，、;；]+", text) if part]
        if not clocks or not all(CLOCK.fullmatch(c) for c in clocks):
            raise ValidationError(_("Write times like 07:00, 15:00, 23:00."))
        return sorted(set(clocks))


class TimerForm(Look, forms.ModelForm):  # type: ignore[type-arg]
    """The figures of a time standard; which figures there are is the timer's own kind."""

    class Meta:
        model = Timer
        fields = ("zh", "en", "flag_zh", "flag_en", "rule")
        labels = {"zh": gettext_lazy("Name in Chinese"), "en": gettext_lazy("Name in English"),
                  "flag_zh": gettext_lazy("Mark when late, in Chinese"),
                  "flag_en": gettext_lazy("Mark when late, in English"), "rule": gettext_lazy("Figures")}

    FIGURES = ("value", "by_severity", "by_area", "by_grade", "radius_m", "share", "applies_to_severity", "default",
               "extend_by_consent", "warn_share", "stop_min", "stop_max", "escalate_to", "from_table")

    def clean_rule(self) -> dict[str, Any]:
        """The same figures as before with other values: numbers of zero or more, null where a limit may be missing."""
        new, old = self.cleaned_data["rule"], Timer.objects.get(pk=self.instance.pk).rule
        if not isinstance(new, dict) or set(new) != set(old):
            raise ValidationError(_("Keep these figures: %(names)s.") % {"names": ", ".join(sorted(old))})
        for name, value in new.items():
            if not _like(value, old[name]):
                raise ValidationError(_("%(name)s has to look like %(example)s.") % {"name": name, "example": old[name]})
        return new


def _like(new: Any, old: Any) -> bool:
    """Whether a figure has the form of the one it replaces."""
    if isinstance(old, list):
        return isinstance(new, list) and len(new) == len(old) and all(map(_like, new, old))
    if isinstance(old, dict):
        return isinstance(new, dict) and set(new) == set(old) and all(_like(new[k], old[k]) for k in old)
    if isinstance(old, str):
        return new == old  # names of roles and tables belong to the rules, not to their figures
    return new is None if new is None else isinstance(new, int | float) and not isinstance(new, bool) and new >= 0
