"""Forms of the settings pages: one look, and the rules that hold for rules."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import Setting, Timer
from .settings import SPECS

DAY = re.compile(r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)
DAYS = ("roster_approval_until", "coverage_day")  # settings that are a day, or empty
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class Look:
    """Gives each control the class of the design; figures are typed as text would be, full-width digits included."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput | forms.CheckboxSelectMultiple | forms.RadioSelect):
                field.widget.attrs.setdefault("class", "in")


def said(value: Any) -> str:
    """A setting's value as people read it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(value) if isinstance(value, list) else str(value)


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
        if isinstance(self.spec.default, bool):
            self.fields["value"] = forms.TypedChoiceField(
                choices=[("True", _("yes")), ("False", _("no"))], coerce=lambda text: text == "True"
            )
            self.fields["value"].widget.attrs["class"] = "in"
        self.fields["value"].label = str(self.spec.label)
        self.fields["value"].help_text = self._help()

    def _help(self) -> str:
        bounds = ""
        if self.spec.minimum is not None:
            bounds = _("%(least)s to %(most)s.") % {"least": self.spec.minimum, "most": self.spec.maximum}
        default = said(self.spec.default)
        return " ".join(
            p for p in (str(self.spec.help), bounds, _("Default: %(value)s") % {"value": default or "—"}) if p
        )

    def clean_value(self) -> Any:
        default = self.spec.default
        if isinstance(default, bool):
            return self.cleaned_data["value"]
        text = self.cleaned_data["value"].strip()
        if isinstance(default, int):
            return self._figure(text)
        if isinstance(default, list):
            return self._clocks(text)
        if self.spec.key == "time_zone" and text not in available_timezones():
            raise ValidationError(_("There is no such time zone. Write it like Asia/Shanghai."))
        if self.spec.key == "cap_unit" and not re.fullmatch(r"\d{14}", text, re.ASCII):
            raise ValidationError(_("Write 14 digits."))
        if self.spec.key in DAYS and text and not DAY.fullmatch(text):
            raise ValidationError(_("Write a day as 2027-12-31."))
        if self.spec.key == "cap_sender" and re.search(r"[\s,&<]", text):
            raise ValidationError(_("Write it without spaces, commas, & and <."))
        if self.spec.key == "callback_types" and not SHARES.fullmatch(text):
            raise ValidationError(_("Write classes with their percent, such as 10:50, 50:30."))
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


SHARES = re.compile(r"(\d\d\s*[:：]\s*(100|\d?\d)\s*([,，、;；]\s*|$))*")
FIGURES = {
    "value": gettext_lazy("Limit"),
    "default": gettext_lazy("Limit where the table names none"),
    "radius_m": gettext_lazy("Radius, metres"),
    "share": gettext_lazy("Share to be met"),
    "warn_share": gettext_lazy("Share of the time after which to warn"),
    "again": gettext_lazy("Told further up after so many times the limit again"),
    "extend_by_consent": gettext_lazy("Longer by consent"),
    "stop_min": gettext_lazy("Shortest stop"),
    "stop_max": gettext_lazy("Longest stop"),
    "town": gettext_lazy("In town"),
    "outskirts": gettext_lazy("On the outskirts"),
    "country": gettext_lazy("In the country"),
    "veto": gettext_lazy("Veto items"),
    "serious": gettext_lazy("Serious"),
    "ordinary": gettext_lazy("Ordinary"),
    "minor": gettext_lazy("Minor"),
}


class TimerForm(Look, forms.ModelForm):  # type: ignore[type-arg]
    """The figures of a time standard, one field each. Which figures there are is the timer's own kind."""

    class Meta:
        model = Timer
        fields = ("zh", "en", "flag_zh", "flag_en", "rule")
        labels = {
            "zh": gettext_lazy("Name in Chinese"),
            "en": gettext_lazy("Name in English"),
            "flag_zh": gettext_lazy("Mark when late, in Chinese"),
            "flag_en": gettext_lazy("Mark when late, in English"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["rule"]
        for path, figure in _figures(self.instance.rule):
            self.fields[path] = forms.FloatField(
                min_value=0,
                required=figure is not None,
                label=_figure_label(path),
                initial=figure,
                localize=False,
                widget=forms.NumberInput(attrs={"class": "in", "step": "any"}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            self.instance.rule = _with_figures(self.instance.rule, cleaned)
        return cleaned


def _figures(rule: dict[str, Any]) -> Iterator[tuple[str, float | None]]:
    """The numbers of a rule with their path: value, by_severity.0, by_area.town."""
    for name, value in rule.items():
        if name in ("applies_to_severity", "escalate_to", "from_table"):
            continue  # names of roles, tables and levels belong to the rule itself
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
        if inner is None:
            yield name, value
        else:
            yield from ((f"{name}.{key}", figure) for key, figure in inner)


def _with_figures(rule: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    new: dict[str, Any] = json.loads(json.dumps(rule))
    for path, _old in _figures(rule):
        name, _dot, key = path.partition(".")
        figure = given[path]
        figure = int(figure) if figure is not None and figure == int(figure) else figure
        if not key:
            new[name] = figure
        else:
            new[name][int(key) if key.isdigit() else key] = figure
    return new


def _figure_label(path: str) -> str:
    name, _dot, key = path.partition(".")
    if name == "by_severity":
        return _("Severity %(n)s") % {"n": int(key) + 1}
    return str(FIGURES.get(key or name, key or name))
