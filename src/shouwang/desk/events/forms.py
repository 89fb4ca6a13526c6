"""Forms of this room: a plan in the settings, an event without a call, a warning."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.desk.calls.facts import types
from shouwang.desk.places import facts as places
from shouwang.desk.places.forms import NAMES
from shouwang.desk.workflow.forms import Look

from .models import EventPlan
from .terms import (
    CATEGORIES,
    CERTAINTY,
    LEVELS,
    LONGEST_HEAD,
    LONGEST_TEXT,
    RESPONSES,
    SEVERITY,
    STATUS,
    URGENCY,
    NewWarning,
    capability_codes,
    checklist_codes,
    chinese,
    roles,
)


class Lines(forms.CharField):
    """A list as lines of text, their parts between bars. Every bad line is named at once, with its number."""

    widget = forms.Textarea
    parts = 1

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 20_000, **kwargs})
        self.widget.attrs |= {"rows": 8, "class": "in mono", "spellcheck": "false", "wrap": "off"}

    def say(self, value: Any) -> str:
        return str(value)

    def row(self, *parts: str) -> Any:
        return parts[0]

    def whole(self, rows: list[Any]) -> Any:
        return rows

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else "\n".join(map(self.say, value or []))

    def to_python(self, value: Any) -> Any:
        rows, faults = [], []
        for n, line in enumerate(str(super().to_python(value) or "").splitlines(), 1):
            cells = [cell.strip() for cell in re.split(r"[|｜]", line)]
            if not any(cells):
                continue
            try:
                if len(cells) != self.parts:
                    raise ValidationError(_("%(n)s parts between bars are wanted, here are %(got)s.") % {
                        "n": self.parts, "got": len(cells)})
                rows.append(self.row(*cells))
            except ValidationError as fault:
                faults.append(_("Line %(n)s: %(fault)s") % {"n": n, "fault": fault.messages[0]})
        if faults:
            raise ValidationError(faults)
        return self.whole(rows)


def _role(code: str) -> str:
    if code not in roles():
        raise ValidationError(_("There is no role “%(code)s”.") % {"code": code})
    return code


class LevelLines(Lines):
    """level | zh | en | commander | deputy | whom to tell | when, zh | when, en"""

    parts = 8

    def say(self, value: Any) -> str:
        told = ", ".join(value["notify"])
        return " | ".join([value["level"], value["zh"], value["en"], value["commander"], value["deputy"], told,
                           value["when_zh"], value["when_en"]])

    def row(self, *parts: str) -> Any:
        level, zh, en, commander, deputy, told, when_zh, when_en = parts
        if level not in LEVELS:
            raise ValidationError(_("Levels are %(all)s.") % {"all": ", ".join(LEVELS)})
        if not zh or not en:
            raise ValidationError(_("Write it in both languages."))
        return {"level": level, "zh": zh, "en": en, "commander": _role(commander), "deputy": _role(deputy),
                "notify": [_role(r) for r in re.split(r"[,，;；\s]+", told) if r], "when_zh": when_zh,
                "when_en": when_en}

    def whole(self, rows: list[Any]) -> Any:
        if len({r["level"] for r in rows}) < len(rows):
            raise ValidationError(_("A level stands there twice."))
        return sorted(rows, key=lambda r: LEVELS.index(r["level"]))


class TaskLines(Lines):
    """code | minutes | role | zh | en"""

    parts = 5

    def say(self, value: Any) -> str:
        return " | ".join([value["id"], str(value["within_min"]), value["by"], value["zh"], value["en"]])

    def row(self, *parts: str) -> Any:
        code, minutes, by, zh, en = parts
        if not re.fullmatch(r"[a-z0-9_]{1,60}", code):
            raise ValidationError(_("A code is small letters, figures and _."))
        if not minutes.isdecimal() or int(minutes) > 10080:
            raise ValidationError(_("Write a whole number."))
        if not zh or not en:
            raise ValidationError(_("Write it in both languages."))
        return {"id": code, "within_min": int(minutes), "by": _role(by), "zh": zh, "en": en}

    def whole(self, rows: list[Any]) -> Any:
        if len({r["id"] for r in rows}) < len(rows):
            raise ValidationError(_("A code stands there twice."))
        return rows


class ResourceLines(Lines):
    """capability | how many"""

    parts = 2

    def prepare_value(self, value: Any) -> Any:
        return super().prepare_value([f"{k} | {n}" for k, n in value.items()] if isinstance(value, dict) else value)

    def row(self, *parts: str) -> Any:
        code, count = parts
        if code not in capability_codes():
            raise ValidationError(_("There is no capability “%(code)s”.") % {"code": code})
        if not count.isdecimal() or not 1 <= int(count) <= 999:
            raise ValidationError(_("Write a number from %(least)s to %(most)s.") % {"least": 1, "most": 999})
        return code, int(count)

    def whole(self, rows: list[Any]) -> Any:
        return dict(rows)


class CheckLines(Lines):
    """One code of the table of checklist items in each line."""

    def row(self, *parts: str) -> Any:
        if parts[0] not in checklist_codes():
            raise ValidationError(_("There is no checklist item “%(code)s”.") % {"code": parts[0]})
        return parts[0]

    def whole(self, rows: list[Any]) -> Any:
        return list(dict.fromkeys(rows))


class TypeLines(Lines):
    """One code of a call type in each line."""

    def row(self, *parts: str) -> Any:
        if parts[0] not in {t.code for t in types()}:
            raise ValidationError(_("There is no call type “%(code)s”.") % {"code": parts[0]})
        return parts[0]


class PlanForm(Look, forms.ModelForm):  # type: ignore[type-arg]
    """A plan. Its code is chosen once: events name it."""

    code = forms.RegexField(r"^[a-z][a-z0-9_]{1,39}$", label=gettext_lazy("Code"),
                            help_text=gettext_lazy("Small letters, figures and _."))
    call_types = TypeLines(required=False, label=gettext_lazy("Calls that may start it"),
                           help_text=gettext_lazy("Codes of call types, one in each line."))
    levels = LevelLines(label=gettext_lazy("Levels"), help_text=gettext_lazy(
        "One in each line: level | Chinese | English | who commands | deputy | whom to tell | when, in Chinese | "
        "when, in English. People are named by their role."))
    tasks = TaskLines(label=gettext_lazy("Tasks"), help_text=gettext_lazy(
        "One in each line: code | minutes from the start (0: when it comes to that) | role | Chinese | English."))
    resources = ResourceLines(required=False, label=gettext_lazy("Resources"), help_text=gettext_lazy(
        "One in each line: capability | how many."))
    checklist = CheckLines(required=False, label=gettext_lazy("Checklist"), help_text=gettext_lazy(
        "Codes of checklist items, one in each line."))

    class Meta:
        model = EventPlan
        fields = ("code", "zh", "en", "kind_zh", "kind_en", "call_types", "levels", "tasks", "resources", "checklist",
                  "end_zh", "end_en", "active")
        labels = {**NAMES, "kind_zh": gettext_lazy("Kind of event, in Chinese"),
                  "kind_en": gettext_lazy("Kind of event, in English"),
                  "end_zh": gettext_lazy("It ends when, in Chinese"),
                  "end_en": gettext_lazy("It ends when, in English"), "active": gettext_lazy("In use")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["code"]


LONG: dict[str, Any] = {"max_length": LONGEST_TEXT, "required": False, "widget": forms.Textarea(attrs={"rows": 3})}


class WarningForm(Look, forms.Form):
    """A warning as it is composed. `ring`: the corners drawn on the map, as JSON."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    status = forms.ChoiceField(choices=tuple(STATUS.items()), label=gettext_lazy("In earnest or exercise"))
    category = forms.ChoiceField(choices=tuple((c, label) for c, (_kind, label) in CATEGORIES.items()),
                                 label=gettext_lazy("Kind"))
    urgency = forms.ChoiceField(choices=tuple(URGENCY.items()), label=gettext_lazy("How soon"))
    severity = forms.ChoiceField(choices=tuple(SEVERITY.items()), initial="Moderate", label=gettext_lazy("How grave"))
    certainty = forms.ChoiceField(choices=tuple(CERTAINTY.items()), initial="Likely", label=gettext_lazy("How certain"))
    response = forms.ChoiceField(choices=tuple(RESPONSES.items()), initial="Avoid",
                                 label=gettext_lazy("What residents should do"))
    expires_at = forms.CharField(label=gettext_lazy("In force until"),
                                 widget=forms.TextInput(attrs={"type": "datetime-local"}))
    event_zh = forms.CharField(max_length=LONGEST_HEAD, label=gettext_lazy("Event, in Chinese"))
    event_en = forms.CharField(max_length=LONGEST_HEAD, label=gettext_lazy("Event, in English"))
    headline_zh = forms.CharField(max_length=LONGEST_HEAD, label=gettext_lazy("Headline, in Chinese"))
    headline_en = forms.CharField(max_length=LONGEST_HEAD, label=gettext_lazy("Headline, in English"))
    text_zh = forms.CharField(label=gettext_lazy("What happens, in Chinese"), **LONG)
    text_en = forms.CharField(label=gettext_lazy("What happens, in English"), **LONG)
    instruction_zh = forms.CharField(label=gettext_lazy("What to do, in Chinese"), **LONG)
    instruction_en = forms.CharField(label=gettext_lazy("What to do, in English"), **LONG)
    areas = forms.MultipleChoiceField(required=False, label=gettext_lazy("Named areas"),
                                      widget=forms.SelectMultiple(attrs={"size": 6}))
    ring = forms.CharField(required=False, max_length=8000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, zone: ZoneInfo, within: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        known = [a for a in places.areas() if a.kind in ("district", "control_area", "community")]
        self.fields["areas"].choices = [  # type: ignore[attr-defined]
            (a.area, a.zh if chinese() else a.en) for a in known if any(a.area.startswith(p) for p in within)]

    def clean_expires_at(self) -> datetime:
        try:
            at = datetime.fromisoformat(self.cleaned_data["expires_at"].strip())
        except ValueError:
            raise ValidationError(_("Write a date and a time.")) from None
        return at if at.tzinfo else at.replace(tzinfo=self.zone)

    def clean_ring(self) -> tuple[tuple[float, float], ...]:
        try:
            found = json.loads(self.cleaned_data["ring"] or "[]")
            return tuple((float(lon), float(lat)) for lon, lat in found)
        except (ValueError, TypeError):
            raise ValidationError(_("The area drawn could not be read. Draw it anew.")) from None

    def new(self) -> NewWarning:
        """Once it is valid."""
        return NewWarning(**{**self.cleaned_data, "areas": tuple(self.cleaned_data["areas"])})
