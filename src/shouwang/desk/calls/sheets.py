"""The settings page of call types."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.desk.log import names
from shouwang.desk.places.forms import NAMES
from shouwang.desk.workflow.forms import Look
from shouwang.desk.workflow.sheet import Column, Sheet, add

from .models import Call, CallType

SERVICES = (
    ("police", _("police")),
    ("traffic", _("traffic")),
    ("fire", _("fire")),
    ("medical", _("medical")),
    ("non_urgent", _("non-urgent")),
)
SEVERITIES = tuple((n, str(n)) for n in (1, 2, 3, 4))


class WordList(forms.CharField):
    """Words with commas between them, Chinese or Latin ones; kept as a list."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        for comma in "，、;；":
            text = text.replace(comma, ",")
        return [word.strip() for word in text.split(",") if word.strip()]


class CallTypeForm(Look, forms.ModelForm):  # type: ignore[type-arg]
    service = forms.ChoiceField(choices=SERVICES, label=_("Service it needs"))
    severity = forms.TypedChoiceField(choices=SEVERITIES, coerce=int, label=_("Usual severity"))
    keywords_zh = WordList(required=False, max_length=300, label=_("Search words in Chinese"))
    keywords_en = WordList(required=False, max_length=300, label=_("Search words in English"))

    class Meta:
        model = CallType
        fields = ("zh", "en", "service", "severity", "keywords_zh", "keywords_en", "active")
        labels = {**NAMES, "active": _("In use")}


def call_numbers(ids: list[str]) -> dict[str, str]:
    return {str(i): number for i, number in Call.objects.filter(id__in=ids).values_list("id", "number")}


def load() -> None:
    names.known_by("call", call_numbers)
    add(
        Sheet(
            key="call-types",
            title=_("Call types"),
            order=50,
            model=CallType,
            form=CallTypeForm,
            rules=True,
            rows=lambda: list(CallType.objects.order_by("code")),
            depth=lambda r: 1 if r.parent else 0,
            columns=(
                Column(_("Code"), lambda r: r.code),
                Column(_("Name"), str),
                Column(_("Service"), lambda r: dict(SERVICES).get(r.service, r.service)),
                Column(_("Severity"), lambda r: r.severity, numeric=True),
                Column(_("Search words"), lambda r: [*r.keywords_zh, *r.keywords_en][:4]),
                Column(_("In use"), lambda r: r.active),
            ),
        )
    )
