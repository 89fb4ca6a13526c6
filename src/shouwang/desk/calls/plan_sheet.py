"""The settings pages of response plans and alarm levels."""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.desk.log import names
from shouwang.desk.places import facts as places
from shouwang.desk.places.forms import NAMES
from shouwang.desk.workflow.agencies import agencies, names_of
from shouwang.desk.workflow.defaults import named, table
from shouwang.desk.workflow.forms import Look
from shouwang.desk.workflow.sheet import Column, Sheet, add

from . import advice
from .answering_sheet import DISTRICT, hours
from .models import AlarmLevel, CallType, ResponsePlan
from .questions import questions
from .sheets import SEVERITIES, type_names

MOST_UNITS, MOST_LINES, LONGEST_LINE = 50, 40, 80
_COUNTED = re.compile(r"(.+?)\s*[:：×]\s*(\d{1,3})")


class Lines(forms.CharField):
    """A list, one entry a line. Entries with a code in a default table are shown and typed by their name, in either
    language, or by the code."""

    def __init__(self, names_in: str, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 8, "class": "in"}), required=False, **kwargs)
        self.names_in = names_in

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(self.said, self.entries(value))) if isinstance(value, list | dict) else value

    def entries(self, value: Any) -> Sequence[Any]:
        return list(value)

    def said(self, entry: Any) -> str:
        return named(self.names_in, entry)

    def to_python(self, value: Any) -> Any:
        text = unicodedata.normalize("NFKC", super().to_python(value) or "")
        return [line.strip() for line in text.splitlines() if line.strip()]

    def code(self, said: str) -> str | None:
        """The code of what a line names, None where the table has no such row."""
        asked = said.strip().casefold()
        return next((r["code"] for r in table(self.names_in)
                     if asked in (r["code"].casefold(), _plain(r["zh"]), _plain(r["en"]))), None)


class Steps(Lines):
    """Steps of a checklist: known ones, and a centre's own in its own words."""

    def clean(self, value: Any) -> list[str]:
        lines = [self.code(line) or line for line in super().clean(value)]
        if long := [line for line in lines if len(line) > LONGEST_LINE]:
            raise forms.ValidationError(_("At most %(n)s characters a line: %(line)s") % {
                "n": LONGEST_LINE, "line": long[0][:LONGEST_LINE]})
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(_("At most %(n)s lines.") % {"n": MOST_LINES})
        return list(dict.fromkeys(lines))


class Needs(Lines):
    """How many units with which capability."""

    def entries(self, value: Any) -> Sequence[Any]:
        return list(value.items() if isinstance(value, Mapping) else value)

    def said(self, entry: Any) -> str:
        return f"{named(self.names_in, entry[0])}: {entry[1]}"

    def clean(self, value: Any) -> dict[str, int]:
        """All lines that say nothing are named at once."""
        out, wrong = {}, []
        for line in super().clean(value):
            found = _COUNTED.fullmatch(line)
            code = self.code(found[1]) if found else None
            if found is None or code is None or not 1 <= int(found[2]) <= MOST_UNITS:
                wrong.append(line)
            else:
                out[code] = int(found[2])
        if wrong:
            like = f"{named(self.names_in, 'ambulance')}: 2"
            raise forms.ValidationError(_("Write a capability and how many units, such as “%(like)s”; not: %(lines)s")
                                        % {"like": like, "lines": "; ".join(wrong)})
        return out


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


class ResponsePlanForm(Look, forms.ModelForm):  # type: ignore[type-arg]
    """One plan. Whom it tells and which agencies it asks are ticked; what it needs and its steps stand a line each."""

    code = forms.RegexField(r"^[A-Z][A-Z0-9-]{1,23}$", label=gettext_lazy("Code"), error_messages={
        "invalid": gettext_lazy("Write capital letters and digits, such as RP061.")})
    call_type = forms.ChoiceField(label=gettext_lazy("Types of calls"), help_text=gettext_lazy(
        "A class holds for those of its types that have no plan of their own."))
    severity = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, label=gettext_lazy(
        "For calls as grave as this, and graver"), choices=(("", gettext_lazy("any")), *SEVERITIES))
    alarm_level = forms.TypedChoiceField(coerce=int, empty_value=None, required=False,
                                         label=gettext_lazy("Alarm level"))
    place_flag = forms.ChoiceField(required=False, label=gettext_lazy("Where an answer says"))
    area = forms.ChoiceField(required=False, label=gettext_lazy("Where the call is"))
    needs = Needs("capabilities", label=gettext_lazy("Units it asks for"), help_text=gettext_lazy(
        "One capability a line, with how many units hold it."))
    notify = forms.MultipleChoiceField(required=False, label=gettext_lazy("Whom to tell"),
                                       widget=forms.SelectMultiple(attrs={"size": 8}))
    agencies = forms.MultipleChoiceField(required=False, label=gettext_lazy("Linked agencies"),
                                         widget=forms.SelectMultiple(attrs={"size": 8}))
    checklist = Steps("checklist_items", label=gettext_lazy("Steps"), help_text=gettext_lazy(
        "One a line. Your own words are shown as they are, in both languages."))

    class Meta:
        model = ResponsePlan
        fields = ("code", "zh", "en", "call_type", "severity", "alarm_level", "place_flag", "area", "from_time",
                  "to_time", "needs", "notify", "agencies", "checklist", "active")
        labels = {**NAMES, "from_time": gettext_lazy("From, time of day"),
                  "to_time": gettext_lazy("Until, time of day"), "active": gettext_lazy("In use")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        flags = sorted({a.flag for q in questions().values() for a in q.answers if a.flag})
        areas = [(a.area, a.name) for kind in ("control_area", "community") for a in places.areas(kind)]
        types = CallType.objects.filter(active=True).order_by("code")
        for field, choices in (
            ("call_type", [(t.code, f"{t.code} {t}") for t in types]),
            ("alarm_level", [("", gettext_lazy("none")), *((row.level, str(row)) for row in AlarmLevel.objects.all())]),
            ("place_flag", [("", gettext_lazy("any kind of place")), *((f, flag_name(f)) for f in flags)]),
            ("area", [("", DISTRICT), *areas]),
            ("notify", [(r["code"], named("roles", r["code"])) for r in table("roles")]),
            ("agencies", [(code, agency.name) for code, agency in agencies().items()]),
        ):
            self.fields[field].choices = choices  # type: ignore[attr-defined]  # as declared above

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("alarm_level") and len(cleaned.get("call_type", "")) == 2:
            self.add_error("alarm_level", _("A class has no alarm levels. Choose one of its types."))
        return cleaned


def flag_name(flag: str) -> str:
    """The answers that raise a flag, in the reader's language."""
    language = "zh" if advice.chinese() else "en"
    said = [getattr(a, language) for q in questions().values() for a in q.answers if a.flag == flag]
    return " / ".join(said) or flag


class AlarmLevelForm(Look, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = AlarmLevel
        fields = ("zh", "en", "colour_zh", "colour_en", "when_zh", "when_en")
        labels = {**NAMES, "colour_zh": gettext_lazy("Colour in Chinese"),
                  "colour_en": gettext_lazy("Colour in English"),
                  "when_zh": gettext_lazy("When it is given, in Chinese"),
                  "when_en": gettext_lazy("When it is given, in English")}


def _where(row: ResponsePlan) -> str:
    area = next((a.name for a in places.areas() if a.area == row.area), row.area) if row.area else ""
    return ", ".join(t for t in (flag_name(row.place_flag) if row.place_flag else "", area) if t) or str(DISTRICT)


def _needs(row: ResponsePlan) -> list[str]:
    return [f"{named('capabilities', skill)} {count}" for skill, count in row.needs.items()]


def load() -> None:
    names.known_by("response-plans", lambda ids: {str(r.pk): r.code for r in ResponsePlan.objects.filter(pk__in=ids)})
    add(Sheet(
        key="response-plans",
        title=gettext_lazy("Response plans"),
        order=51,
        model=ResponsePlan,
        form=ResponsePlanForm,
        create=True,
        rows=lambda: list(ResponsePlan.objects.order_by("call_type", "alarm_level", "code")),
        note=gettext_lazy("What a call asks for: units, agencies, whom to tell, steps. Of several that hold, the one "
                          "of the type counts before that of its class, then the highest alarm level that is reached, "
                          "then the one that says more of the place, the area, the hours and the severity."),
        columns=(
            Column(gettext_lazy("Code"), lambda r: r.code),
            Column(gettext_lazy("Name"), str),
            Column(gettext_lazy("Calls"), lambda r: type_names([r.call_type]).get(r.call_type, r.call_type)),
            Column(gettext_lazy("Severity"), lambda r: r.severity, numeric=True),
            Column(gettext_lazy("Alarm level"), lambda r: r.alarm_level, numeric=True),
            Column(gettext_lazy("Where"), _where),
            Column(gettext_lazy("Time of day"), hours),
            Column(gettext_lazy("Units it asks for"), _needs),
            Column(gettext_lazy("Linked agencies"), lambda r: list(names_of(r.agencies).values())),
            Column(gettext_lazy("In use"), lambda r: r.active),
        ),
    ))
    add(Sheet(
        key="alarm-levels",
        title=gettext_lazy("Alarm levels"),
        order=51,
        model=AlarmLevel,
        form=AlarmLevelForm,
        columns=(
            Column(gettext_lazy("Level"), lambda r: r.level, numeric=True),
            Column(gettext_lazy("Name"), str),
            Column(gettext_lazy("Colour"), lambda r: r.colour_zh if str(r) == r.zh else r.colour_en),
            Column(gettext_lazy("When it is given"), lambda r: r.when_zh if str(r) == r.zh else r.when_en),
        ),
    ))
