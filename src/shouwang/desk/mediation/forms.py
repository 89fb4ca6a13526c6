"""Forms of this room: kinds and bodies on the settings pages, a new dispute, the screening list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.desk.places.forms import NAMES
from shouwang.desk.workflow.forms import Look

from . import facts
from .layouts import FIELDS, missing_fields, unknown_fields
from .models import AgreementTemplate, DisputeKind, MediationBody
from .terms import LEVELS, MOST_AMOUNT, MOST_OF_PARTY, MOST_PEOPLE, MOST_WORDS, WAYS, WHO, NewDispute, NewParty

ROWS = 4  # parties on the form of a new dispute: two of each side; more are added on the case
DAYS = {"days": _("Days of mediation"), "extend_days": _("Days more by consent")}


class KindForm(Look, forms.ModelForm):  # type: ignore[type-arg]
    level = forms.ChoiceField(choices=tuple(LEVELS.items()), label=_("Who settles it"))

    class Meta:
        model = DisputeKind
        fields = ("zh", "en", "level", *DAYS, "sensitive", "active")
        labels = {**NAMES, **DAYS, "sensitive": _("Sessions behind closed doors"), "active": _("In use")}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name in DAYS:
            self.fields[name].validators.append(_within_a_year)


def _within_a_year(days: int) -> None:
    if not 1 <= days <= 365:
        raise forms.ValidationError(_("From 1 to 365 days."))


class BodyForm(Look, forms.ModelForm):  # type: ignore[type-arg]
    way = forms.ChoiceField(choices=tuple(WAYS.items()), label=_("Way of mediation"))

    class Meta:
        model = MediationBody
        fields = ("zh", "en", "way", "active")
        labels = {**NAMES, "active": _("In use")}


class TemplateForm(Look, forms.ModelForm):  # type: ignore[type-arg]
    """A layout of agreements. Fields that nothing fills in are named at once."""

    code = forms.RegexField(r"^[A-Z][A-Z0-9-]{1,23}$", label=_("Code"), error_messages={
        "invalid": _("Write capital letters and digits, such as AT02.")})
    kinds = forms.MultipleChoiceField(required=False, label=_("Kinds of disputes"), help_text=_("None: of all kinds."),
                                      widget=forms.SelectMultiple(attrs={"size": 10}))

    class Meta:
        model = AgreementTemplate
        fields = ("code", "zh", "en", "kinds", "text_zh", "text_en", "active")
        labels = {"zh": _("Title in Chinese"), "en": _("Title in English"), "text_zh": _("Text in Chinese"),
                  "text_en": _("Text in English"), "active": _("In use")}
        widgets = dict.fromkeys(("text_zh", "text_en"), forms.Textarea(attrs={"rows": 14}))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = [(k.code, str(k)) for k in facts.kinds()]  # type: ignore[attr-defined]
        for name in ("text_zh", "text_en"):
            self.fields[name].help_text = _("# begins a heading. Filled in: %(fields)s") % {
                "fields": " ".join(f"{{{field}}}" for field in FIELDS)}

    def clean_text_zh(self) -> str:
        return _sound(self.cleaned_data["text_zh"])

    def clean_text_en(self) -> str:
        return _sound(self.cleaned_data["text_en"])


def _sound(text: str) -> str:
    if wrong := unknown_fields(text):
        raise forms.ValidationError(_("Nothing fills in %(fields)s.") % {"fields": ", ".join(wrong)})
    if missing := missing_fields(text):
        raise forms.ValidationError(_("It must have %(fields)s: what is agreed.") % {"fields": ", ".join(missing)})
    return text


class DisputeForm(Look, forms.Form):
    """A new dispute with up to four parties, two of each side."""

    kind = forms.ChoiceField(label=_("Kind of dispute"))
    area = forms.ChoiceField(label=_("Community"))
    source = forms.ChoiceField(choices=(("asked", _("asked for")), ("found", _("found"))), label=_("How it came"))
    people = forms.IntegerField(label=_("How many people it concerns"), required=False, min_value=1,
                                max_value=MOST_PEOPLE, help_text=_("A count, never who they are"))
    amount = forms.IntegerField(label=_("Money in dispute"), required=False, min_value=0, max_value=MOST_AMOUNT,
                                help_text=_("In whole units of money"))
    account = forms.CharField(label=_("What it is about, and where"), max_length=MOST_WORDS, required=False,
                              widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, communities: list[Any], **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["kind"].choices = [(k.code, str(k)) for k in facts.kinds()]  # type: ignore[attr-defined]
        self.fields["area"].choices = [(c.area, c.name) for c in communities]  # type: ignore[attr-defined]
        for n in range(ROWS):
            self.fields[f"who{n}"] = forms.ChoiceField(choices=tuple(WHO.items()), required=False,
                                                          label=_("Person or organisation"))
            for name, label in (("name", _("Full name")), ("phone", _("Telephone")), ("address", _("Address"))):
                self.fields[f"{name}{n}"] = forms.CharField(max_length=MOST_OF_PARTY[name], required=False, label=label)
            for name in ("who", "name", "phone", "address"):
                self.fields[f"{name}{n}"].widget.attrs.update({"class": "in", "autocomplete": "off"})

    def sides(self) -> list[tuple[str, list[list[forms.BoundField]]]]:
        """The fields of parties, by side."""
        rows = [[self[f"{name}{n}"] for name in ("who", "name", "phone", "address")] for n in range(ROWS)]
        return [("a", rows[: ROWS // 2]), ("b", rows[ROWS // 2 :])]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for n in range(ROWS):
            more = (data.get(f"phone{n}") or "") + (data.get(f"address{n}") or "")
            if more and not data.get(f"name{n}"):
                self.add_error(f"name{n}", _("Write the name."))
        return data

    def given(self, id: UUID) -> NewDispute:
        data = self.cleaned_data
        parties = tuple(
            NewParty("a" if n < ROWS // 2 else "b", data[f"who{n}"] or "person", data[f"name{n}"], data[f"phone{n}"],
                     data[f"address{n}"]) for n in range(ROWS) if data[f"name{n}"])
        return NewDispute(id, data["kind"], data["area"], data["account"], parties, data["people"],
                          data["amount"])


class ScreenedForm(Look, forms.Form):
    """A dispute found at a place."""

    kind = forms.ChoiceField(label=_("Kind of dispute"))
    area = forms.ChoiceField(label=_("Community"))
    place = forms.CharField(label=_("Place: a building or a street, no name"), max_length=60)
    next_on = forms.DateField(label=_("Next look on"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))

    def __init__(self, *args: Any, communities: list[Any], **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["kind"].choices = [(k.code, str(k)) for k in facts.kinds()]  # type: ignore[attr-defined]
        self.fields["area"].choices = [(c.area, c.name) for c in communities]  # type: ignore[attr-defined]
