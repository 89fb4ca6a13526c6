"""The intake form and the amending form: what was typed in, faults by field, and the action's values out."""
from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from .actions import Amend, Caller, NewCall, PaperCall, PaperUnit, Transfer, faults, paper_faults
from .models import Call, CallType
from .terms import DISPOSITIONS, PAPER_STEPS, SERVICES, SEVERITIES, TARGETS, TICKS

ANSWER, MOST_ANSWERS = "answer.", 30
FIELD_OF = {"point": "place"}  # faults of the map point stand at the place: there it is mended


PAPER_UNITS = 6  # lines of units on a sheet
PAPER_NAMES = {"assigned": _("Sent at"), "acknowledged": _("Acknowledged"), "enroute": _("On the way"),
               "on_scene": _("On scene"), "ended": _("Task over")}


def _time_field() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S")


class Text(forms.CharField):
    """Text as people type it in either width: full-width digits and letters become plain ones."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return "".join(unicodedata.normalize("NFKC", c) if "！" <= c <= "～" and c not in "，。；：？！（）" else c
                       for c in text)


def answers_in(data: Mapping[str, Any]) -> dict[str, str]:
    """The fields `answer.QUESTION` as they came in; empty ones were not answered."""
    given = {name.removeprefix(ANSWER): str(data[name]).strip() for name in data if name.startswith(ANSWER)}
    return {question: value for question, value in list(given.items())[:MOST_ANSWERS] if value}


class Where(forms.Form):
    """Place, type, urgency, services and answers: common to taking and amending."""

    place = Text(max_length=120, error_messages={"required": _("Say where it is.")})
    detail = Text(max_length=80, required=False)
    lon = forms.FloatField(required=False)
    lat = forms.FloatField(required=False)
    type = forms.CharField(max_length=6, error_messages={"required": _("Choose a type.")})
    severity = forms.TypedChoiceField(
        choices=[(n, label) for n, label in SEVERITIES.items()],
        coerce=int,
        empty_value=None,
        error_messages={"required": _("Choose a level from 1 to 4.")},
    )
    services = forms.MultipleChoiceField(choices=list(SERVICES.items()), required=False)
    words = forms.CharField(max_length=4000, required=False)

    @property
    def answers(self) -> dict[str, str]:
        """To the guided questions, by question."""
        return answers_in(self.data) if self.is_bound else dict(self.initial.get("answers", {}))

    def take_faults(self, new: NewCall) -> None:
        """Puts the action's own faults beside those of the fields."""
        for field, message in faults(new).items():
            named = FIELD_OF.get(field, field)
            name = named if named in self.fields else None
            if not self.has_error(name or "__all__"):
                self.add_error(name, message)

    @property
    def point(self) -> tuple[float, float]:
        """The map point; not a number where none is marked."""
        lon, lat = self.cleaned_data.get("lon"), self.cleaned_data.get("lat")
        return (float("nan") if lon is None else lon, float("nan") if lat is None else lat)


class IntakeForm(Where):
    """A new call. `id` was made when the form was opened: sent twice, it is one call."""

    id = forms.UUIDField()
    received_at = forms.CharField(max_length=40, required=False)
    name = forms.CharField(max_length=60, required=False)
    number = Text(max_length=30, required=False)
    ticks = forms.MultipleChoiceField(choices=list(TICKS.items()), required=False)
    target = forms.ChoiceField(choices=[("", ""), *TARGETS.items()], required=False)
    receiver = Text(max_length=80, required=False)

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.take_faults(self.call())
        return self.cleaned_data

    def caller(self) -> Caller:
        data = self.cleaned_data
        return Caller(data.get("name", ""), data.get("number", ""), data.get("words", ""),
                      tuple(data.get("ticks", ())), self.answers)

    def call(self) -> NewCall:
        data, (lon, lat) = self.cleaned_data, self.point
        transfer = Transfer(data["target"], data.get("receiver", "")) if data.get("target") else None
        return NewCall(
            id=data.get("id") or UUID(int=0), type=data.get("type", ""), place=data.get("place", ""), lon=lon, lat=lat,
            severity=data.get("severity"), detail=data.get("detail", ""), services=tuple(data.get("services", ())),
            caller=self.caller(), received_at=_moment(data.get("received_at", "")), transfer=transfer)


class AmendForm(Where):
    """Changes of an open call; `words` are added below what was said."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    key = forms.UUIDField()

    def __init__(self, *args: Any, call: Call, **given: Any) -> None:
        super().__init__(*args, **given)
        self.taken = call

    def clean(self) -> dict[str, Any]:
        super().clean()
        data, (lon, lat) = self.cleaned_data, self.point
        self.take_faults(
            NewCall(
                id=self.taken.id,
                type=data.get("type", ""),
                place=data.get("place", ""),
                lon=lon,
                lat=lat,
                severity=data.get("severity"),
                detail=data.get("detail", ""),
                caller=Caller(answers=self.answers),
            )
        )
        return data

    def changes(self) -> Amend:
        data = self.cleaned_data
        return Amend(type=data["type"], severity=data["severity"], place=data["place"].strip(), lon=data["lon"],
                     lat=data["lat"], detail=data["detail"].strip(), services=tuple(data["services"]),
                     words=data["words"].strip() or None,
                     answers=self.answers if "asked" in self.data else None)  # without scripts nothing is asked


def _moment(text: str) -> datetime | None:
    try:
        at = parse_datetime(text)
    except ValueError:
        return None
    return at if at and at.tzinfo else None


class PaperForm(forms.Form):
    """A sheet that was worked on paper: times as written there, of the day given, in the district's zone."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    received_at = forms.DateTimeField(label=_("Came in at"), widget=_time_field())
    type = forms.ChoiceField(label=_("Type"))
    severity = forms.TypedChoiceField(label=_("Level"), choices=[(n, label) for n, label in SEVERITIES.items()],
                                      coerce=int, initial=3)
    place = Text(label=_("Place"), max_length=120, error_messages={"required": _("Say where it is.")})
    point = forms.CharField(label=_("Map point (latitude, longitude)"), max_length=60)
    words = forms.CharField(label=_("What was said"), max_length=4000, required=False,
                            widget=forms.Textarea(attrs={"rows": 2}))
    closed_at = forms.DateTimeField(label=_("Closed at"), required=False, widget=_time_field())
    disposition = forms.ChoiceField(label=_("Result"), choices=[("", "—"), *DISPOSITIONS.items()], required=False)
    reason = forms.CharField(label=_("Why it is entered afterwards"), max_length=500)

    def __init__(self, data: Any = None, *, units: Sequence[tuple[str, str]], initial: Mapping[str, Any]) -> None:
        super().__init__(data, initial=dict(initial))
        types = [(t.code, str(t)) for t in CallType.objects.filter(active=True).exclude(parent="").order_by("code")]
        self.fields["type"] = forms.ChoiceField(label=_("Type"), choices=types)
        for n in range(PAPER_UNITS):
            self.fields[f"unit{n}"] = forms.ChoiceField(label=_("Unit"), choices=[("", "—"), *units], required=False)
            for step in PAPER_STEPS:
                self.fields[f"{step}{n}"] = forms.DateTimeField(
                    label=PAPER_NAMES[step], required=False, widget=_time_field())
        for field in self.fields.values():
            if not field.widget.is_hidden:
                field.widget.attrs["class"] = "in"

    def clean_point(self) -> tuple[float, float]:
        try:
            lat, lon = (float(part) for part in self.cleaned_data["point"].replace("，", ",").split(","))
        except ValueError:
            raise forms.ValidationError(_("A point has two numbers.")) from None
        return lon, lat

    def clean(self) -> dict[str, Any]:
        super().clean()
        for n in range(PAPER_UNITS):
            if self.cleaned_data.get(f"unit{n}"):
                for step in ("assigned", "ended"):
                    if not self.cleaned_data.get(f"{step}{n}") and not self.has_error(f"{step}{n}"):
                        self.add_error(f"{step}{n}", _("Say when."))
        if not self.errors:
            for field, message in paper_faults(self.sheet(), timezone.now()).items():
                self.add_error(self._field(field), message)
        return self.cleaned_data

    def _field(self, fault: str) -> str | None:
        if not fault.startswith("units."):
            return fault if fault in self.fields else None
        _units, row, step = fault.split(".")
        return f"{step}{self._rows()[int(row)]}"

    def _rows(self) -> list[int]:
        return [n for n in range(PAPER_UNITS) if self.cleaned_data.get(f"unit{n}")]

    def sheet(self) -> PaperCall:
        given = self.cleaned_data
        lon, lat = given["point"]
        units = [PaperUnit(UUID(given[f"unit{n}"]), *(given[f"{s}{n}"] for s in ("assigned", "ended", "acknowledged",
                                                                                 "enroute", "on_scene")))
                 for n in self._rows()]
        new = NewCall(id=given["id"], type=given["type"], place=given["place"], lon=lon, lat=lat,
                      severity=given["severity"], caller=Caller(words=given["words"]), received_at=given["received_at"])
        return PaperCall(new, units, given["closed_at"], given["disposition"])
