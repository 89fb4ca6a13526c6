"""What is typed on the pages of norms, communities and villages."""
from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from shouwang.desk.workflow.forms import Look

from .actions import COUNTS, MOST, MOST_TALLY, CountGiven, Draft, LocalityGiven
from .models import Locality, Norm
from .terms import CONTRACTS, DAYS, GRADES, KINDS, MANAGEMENT, READINGS
from .villages import CONTACT_MAX, MOST_AMOUNT, Contact, ContractGiven

STEPS = (1, 2)
CLASSES = ("busy", "complex")  # of places, that a norm may ask more for


def months_on(day: date, months: int) -> date:
    """The same day so many months later; the month's last where it has no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    year += day.year
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _day(label: Any, **more: Any) -> forms.DateField:
    bounds = [MinValueValidator(DAYS[0]), MaxValueValidator(DAYS[1])]
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), validators=bounds, **more)


def _choices(rows: Any) -> list[tuple[str, str]]:
    return [("", str(_("Choose …"))), *((code, str(label)) for code, label in rows.items())]


class DraftForm(Look, forms.Form):
    """Another wording of a norm: its figures, its day, and what a guard costs."""

    count = forms.FloatField(min_value=0, max_value=1000, label=_("How many"))
    over_1 = forms.IntegerField(required=False, min_value=1, max_value=200_000,
                                label=_("First step: over so many households"))
    add_1 = forms.IntegerField(required=False, min_value=0, max_value=100, label=_("First step: so many more"))
    over_2 = forms.IntegerField(required=False, min_value=1, max_value=200_000,
                                label=_("Second step: over so many households"))
    add_2 = forms.IntegerField(required=False, min_value=0, max_value=100, label=_("Second step: so many more"))
    reading = forms.ChoiceField(choices=list(READINGS.items()), label=_("Beyond both steps"))
    extra = forms.IntegerField(required=False, min_value=0, max_value=100, label=_("More everywhere"),
                               help_text=_("For how complicated the district is; the source names no figure"))
    busy = forms.IntegerField(required=False, min_value=0, max_value=100, label=_("More where a place is busy"))
    complex = forms.IntegerField(required=False, min_value=0, max_value=100, label=_("More where a place is complex"))
    from_day = _day(_("Takes effect on"))
    guard_year_cost = forms.IntegerField(min_value=0, max_value=10_000_000, label=_("What one guard costs a year"),
                                         help_text=_("Pay, clothing, equipment, management; in the money of the place"))
    town_percent = forms.IntegerField(required=False, min_value=0, max_value=100,
                                      label=_("Town's share in villages, percent"),
                                      help_text=_("The rest is the village's. Each town decides; open until then"))
    reason = forms.CharField(max_length=500, label=_("Reason"), widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args: Any, norm: Norm, **kwargs: Any) -> None:
        rule = norm.rule
        initial: dict[str, Any] = {"count": f"{rule['count']:g}", "reading": rule["reading"], "extra": rule["extra"]}
        initial |= {grade: rule.get("by_class", {}).get(grade, 0) for grade in CLASSES}
        for n, (over, add) in zip(STEPS, rule["additions"], strict=False):
            initial |= {f"over_{n}": over, f"add_{n}": add}
        super().__init__(*args, initial={**initial, **kwargs.pop("initial", {})}, **kwargs)
        self.stepped = bool(rule["additions"])
        stepping = [*(f"{w}_{n}" for n in STEPS for w in ("over", "add")), "reading", "extra", *CLASSES]
        dropped = [] if self.stepped else stepping
        if rule["kind"] != "village" or norm.code != "village_guards":
            dropped.append("town_percent")
        if rule["kind"] == "district" or rule["per"] == "group":
            dropped.append("guard_year_cost")
        for name in dropped:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for n in STEPS if self.stepped else ():
            if (said.get(f"over_{n}") is None) != (said.get(f"add_{n}") is None):
                self.add_error(f"add_{n}", _("Give both figures of a step, or neither."))
        return said

    def given(self) -> Draft:
        said = self.cleaned_data
        count = said["count"]
        rule: dict[str, Any] = {"count": int(count) if count == int(count) else count}
        if self.stepped:
            steps = [[said[f"over_{n}"], said[f"add_{n}"]] for n in STEPS if said[f"over_{n}"] is not None]
            rule |= {"additions": steps, "reading": said["reading"], "extra": said["extra"] or 0,
                     "by_class": {grade: said[grade] for grade in CLASSES if said[grade]}}
        return Draft(rule, said["from_day"], said["reason"], said.get("guard_year_cost"), said.get("town_percent"))


class LocalityForm(Look, forms.Form):
    """A community or village itself."""

    zh = forms.CharField(max_length=80, label=_("Name in Chinese"))
    en = forms.CharField(max_length=80, label=_("Name in English"))
    code = forms.CharField(max_length=24, label=_("Code"), help_text=_("By which files name it"))
    kind = forms.ChoiceField(label=_("Kind"))
    area = forms.ChoiceField(label=_("Area"), help_text=_("That it is, or lies in"))
    grade = forms.ChoiceField(label=_("How complicated the place is"), choices=list(GRADES.items()), required=False,
                              help_text=_("By what is there, never by who lives there. Norms may ask for more"))

    def __init__(self, *args: Any, areas: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = _choices(KINDS)  # type: ignore[attr-defined]
        self.fields["area"].choices = _choices(dict(areas))  # type: ignore[attr-defined]

    @staticmethod
    def of(row: Locality) -> dict[str, Any]:
        return {name: getattr(row, name) for name in ("zh", "en", "code", "kind", "area", "grade")}

    def given(self) -> LocalityGiven:
        return LocalityGiven(**self.cleaned_data | {"grade": self.cleaned_data["grade"] or "plain"})


class CountForm(Look, forms.Form):
    """What was counted on a day. Left empty: not counted, or told by the centre's registers."""

    day = _day(_("Day of the count"))
    source = forms.CharField(max_length=120, label=_("Counted by, or source"), help_text=_("An office or a document"))
    households = forms.IntegerField(min_value=0, max_value=MOST["households"], label=_("Households"))
    residents = forms.IntegerField(required=False, min_value=0, max_value=MOST["residents"],
                                   label=_("Residents, in all"))
    management = forms.ChoiceField(required=False, label=_("Housing"))
    groups = forms.IntegerField(required=False, min_value=0, max_value=MOST["groups"], label=_("Villagers' groups"))
    guards = forms.IntegerField(required=False, min_value=0, max_value=MOST["guards"],
                                label=_("Full-time guards there"),
                                help_text=_("Empty: as the centre's registers tell"))
    contacts = forms.IntegerField(required=False, min_value=0, max_value=MOST["contacts"],
                                  label=_("Information contacts there"))
    officers = forms.IntegerField(required=False, min_value=0, max_value=MOST["officers"], label=_("Officers there"))

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["management"].choices = _choices(MANAGEMENT)  # type: ignore[attr-defined]
        for name in ("management",) if kind == "village" else ("groups", "contacts", "officers"):
            del self.fields[name]

    def given(self) -> CountGiven:
        said = self.cleaned_data
        figures: dict[str, Any] = {name: said.get(name) for name in COUNTS}
        return CountGiven(day=said["day"], source=said["source"], management=said.get("management", ""), **figures)


class TallyForm(Look, forms.Form):
    """What was counted in the district on a day, for a norm that no register tells."""

    day = _day(_("Day of the count"))
    count = forms.IntegerField(min_value=0, max_value=MOST_TALLY, label=_("How many there are"))
    source = forms.CharField(max_length=120, label=_("Counted by, or source"), help_text=_("An office or a document"))


class ContactFields(Look, forms.Form):
    """An office contact. Sealed; never filled in again from what is kept."""

    name = forms.CharField(required=False, max_length=CONTACT_MAX["name"], label=_("Office and name"))
    phone = forms.CharField(required=False, max_length=CONTACT_MAX["phone"], label=_("Office telephone"))

    def contact(self) -> Contact | None:
        said = self.cleaned_data
        return Contact(said["name"], said["phone"]) if said["name"] or said["phone"] else None


class OfficeForm(ContactFields):
    place = forms.CharField(required=False, max_length=120, label=_("Where the safety office is"))
    field_order = ("place", "name", "phone")


class ContractForm(ContactFields):
    """A contract with its payments: equal sums, the first due on a day, then every so many months."""

    kind = forms.ChoiceField(label=_("Kind"))
    number = forms.CharField(max_length=40, label=_("Contract number"))
    body = forms.CharField(max_length=80, label=_("Office or firm"), help_text=_("An organisation, never a person"))
    terms = forms.CharField(max_length=500, label=_("Work agreed"), widget=forms.Textarea({"rows": 3}))
    from_day = _day(_("Begins on"))
    until = _day(_("Last day"))
    payments = forms.IntegerField(required=False, min_value=0, max_value=60, label=_("Number of payments"))
    amount = forms.IntegerField(required=False, min_value=1, max_value=MOST_AMOUNT, label=_("Sum of each"))
    first_due = _day(_("First due on"), required=False)
    months = forms.IntegerField(required=False, min_value=1, max_value=24, label=_("Months from one to the next"))
    field_order = ("kind", "number", "body", "terms", "from_day", "until", "payments", "amount", "first_due", "months",
                   "name", "phone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = _choices(CONTRACTS)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("payments"):
            for name in ("amount", "first_due"):
                if not said.get(name) and name not in self.errors:
                    self.add_error(name, _("Needed for the payments."))
        return said

    def given(self) -> ContractGiven:
        said = self.cleaned_data
        dues = [months_on(said["first_due"], n * (said["months"] or 1)) for n in range(said["payments"] or 0)]
        return ContractGiven(said["kind"], said["number"], said["body"], said["terms"], said["from_day"], said["until"],
                             tuple((due, said["amount"]) for due in dues))
