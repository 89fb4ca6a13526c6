"""The settings page of call types."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from shouwang.desk.log import names
from shouwang.desk.places.forms import NAMES
from shouwang.desk.workflow.forms import Look
from shouwang.desk.workflow.sheet import Column, Sheet, add

from . import terms
from .models import Call, CallType, Measure

SERVICES = (
    ("police", _("police")),
    ("traffic", _("traffic")),
    ("fire", _("fire")),
    ("medical", _("medical")),
    ("non_urgent", _("non-urgent")),
)
SOURCE_KINDS = (("resident", _("Residents")), ("alarm", _("Alarms")), ("patrol", _("Patrols")))
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
    """A call type. Its code is chosen once: calls, histories and rules name it."""

    code = forms.RegexField(
        r"^\d{6}$", label=_("Code"), help_text=_("Six digits, the first two those of its class."),
        error_messages={"invalid": _("Write six digits, such as 200199.")},
    )
    service = forms.ChoiceField(choices=SERVICES, label=_("Service it needs"))
    severity = forms.TypedChoiceField(choices=SEVERITIES, coerce=int, label=_("Usual severity"))
    source_kind = forms.ChoiceField(choices=SOURCE_KINDS, label=_("Who tells of it"), help_text=_(
        "What patrols find by themselves feeds no forecast."))
    keywords_zh = WordList(required=False, max_length=300, label=_("Search words in Chinese"))
    keywords_en = WordList(required=False, max_length=300, label=_("Search words in English"))

    class Meta:
        model = CallType
        fields = ("code", "zh", "en", "service", "severity", "source_kind", "keywords_zh", "keywords_en", "active")
        labels = {**NAMES, "active": _("In use")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["code"]
            if not self.instance.parent:
                del self.fields["source_kind"]  # a class only holds types

    def clean_code(self) -> str:
        code = unicodedata.normalize("NFKC", str(self.cleaned_data["code"]))
        if not CallType.objects.filter(code=code[:2], parent="").exists():
            classes = ", ".join(CallType.objects.filter(parent="").order_by("code").values_list("code", flat=True))
            raise forms.ValidationError(_("There is no class %(code)s. There are: %(all)s.") % {
                "code": code[:2], "all": classes})
        self.instance.parent = code[:2]
        return code


def call_numbers(ids: list[str]) -> dict[str, str]:
    return {str(i): number for i, number in Call.objects.filter(id__in=ids).values_list("id", "number")}


def type_names(codes: list[str]) -> dict[str, str]:
    return {t.code: str(t) for t in CallType.objects.filter(code__in=codes)}


def _named(table: Mapping[str, terms.Label]) -> Callable[[list[str]], dict[str, str]]:
    return lambda codes: {code: str(table[code]) for code in codes if code in table}


MEASURED = {
    "busy": _("Units busy, share of their duty"),
    "scene": _("Minutes at the scene"),
    "bound": _("Minutes a call keeps a unit"),
}


def measured_of(rows: list[Measure]) -> list[Measure]:
    """Measures with what each is told of: a service, or a type of call."""
    types = type_names([r.key for r in rows])
    for row in rows:
        service = terms.SERVICES.get(row.key)
        row.of = str(service) if service else types.get(row.key, _("all"))  # type: ignore[attr-defined]
    return rows


def _measure(key: str) -> Measure | None:
    return next(iter(measured_of(list(Measure.objects.filter(pk=key)))), None) if key.isdigit() else None


def _figure(row: Measure) -> str:
    return _("%(figure)s: %(of)s") % {"figure": MEASURED[row.what], "of": row.of}  # type: ignore[attr-defined]


def _value(row: Measure) -> str:
    return f"{row.value * 100:.0f} %" if row.what == "busy" else f"{row.value / 60:.0f}"


def _from(row: Measure) -> str:
    count = f"{row.weight:,.0f}"
    if row.what == "busy":
        return _("%(n)s unit-hours on duty") % {"n": count}
    return ngettext("%(count)s case", "%(count)s cases", int(row.weight)) % {"count": count}


def load() -> None:
    names.known_by("call", call_numbers)
    names.known_by("call-type", type_names)
    for kind, table in (("service", terms.SERVICES), ("call-source", terms.SOURCE_NAMES),
                        ("call-result", terms.DISPOSITIONS), ("call-target", terms.TARGETS)):
        names.known_by(kind, _named(table))
    add(
        Sheet(
            key="call-types",
            title=_("Call types"),
            order=50,
            model=CallType,
            form=CallTypeForm,
            rules=True,
            create=True,
            rows=lambda: list(CallType.objects.order_by("code")),
            depth=lambda r: 1 if r.parent else 0,
            columns=(
                Column(_("Code"), lambda r: r.code),
                Column(_("Name"), str),
                Column(_("Service"), lambda r: dict(SERVICES).get(r.service, r.service)),
                Column(_("Severity"), lambda r: r.severity, numeric=True),
                Column(_("Search words"), lambda r: [*r.keywords_zh, *r.keywords_en][:4], typed=True),
                Column(_("In use"), lambda r: r.active),
            ),
        )
    )
    add(
        Sheet(
            key="measures",
            title=_("Measured times"),
            order=65,
            model=Measure,
            rows=lambda: measured_of(list(Measure.objects.all())),
            find=_measure,
            detail="calls/measure.html",
            note=_("Measured every night from the assignments of the last 26 weeks; replayed calls and units of the "
                   "example measure nothing. Little history counts little: what was assumed before counts as 168 "
                   "unit-hours or 10 cases."),
            columns=(
                Column(_("Figure"), _figure),
                Column(_("Mean"), _value, numeric=True),
                Column(_("Measured from"), _from),
                Column(_("Measured"), lambda r: f"{localtime(r.at):%Y-%m-%d %H:%M}"),
            ),
        )
    )
