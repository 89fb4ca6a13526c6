"""The settings page of linked agencies."""
from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .forms import Look
from .models import Agency
from .sheet import Column, Sheet, add

KINDS = {
    "utility": _("Supply and repair"), "emergency": _("Emergency service"), "government": _("Government office"),
    "judicial": _("Court or prosecutor"), "transport": _("Transport"), "local": _("Street, community, property"),
    "association": _("Association or firm"),
}


class AgencyForm(Look, forms.ModelForm):  # type: ignore[type-arg]
    """An agency. Its code is chosen once: tasks, plans and rules name it."""

    code = forms.RegexField(r"^[a-z][a-z0-9_]{1,39}$", label=_("Code"), help_text=_("It cannot be changed later."),
                            error_messages={"invalid": _("Write small letters, digits and _, such as gas_co_north.")})
    kind = forms.ChoiceField(choices=tuple(KINDS.items()), label=_("Kind"))

    class Meta:
        model = Agency
        fields = ("code", "zh", "en", "kind", "tasks_zh", "tasks_en", "ack_min_1", "ack_min_2", "ack_min_3",
                  "report_min", "active")
        labels = {
            "zh": _("Name in Chinese"), "en": _("Name in English"), "tasks_zh": _("What it does, in Chinese"),
            "tasks_en": _("What it does, in English"), "ack_min_1": _("Minutes to acknowledge, severity 1"),
            "ack_min_2": _("Minutes to acknowledge, severity 2"),
            "ack_min_3": _("Minutes to acknowledge, severity 3 and below"),
            "report_min": _("Minutes from then to a result"), "active": _("In use"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["code"]


def load() -> None:
    add(Sheet(
        key="agencies",
        title=_("Linked agencies"),
        order=53,
        model=Agency,
        form=AgencyForm,
        create=True,
        note=_("Offices and firms that calls, matters and event plans name. Those no longer in use keep their tasks "
               "and are asked no more."),
        columns=(
            Column(_("Code"), lambda r: r.code),
            Column(_("Name"), str),
            Column(_("Kind"), lambda r: KINDS[r.kind]),
            Column(_("Tasks of an agency"), lambda r: r.tasks),
            Column(_("Minutes to acknowledge"), lambda r: " / ".join(
                "—" if n is None else str(n) for n in (r.ack_min_1, r.ack_min_2, r.ack_min_3))),
            Column(_("To a result, min"), lambda r: r.report_min, numeric=True),
            Column(_("In use"), lambda r: r.active),
        ),
    ))
