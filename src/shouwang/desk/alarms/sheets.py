"""The settings page of vehicle terminals."""
from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from shouwang.desk.log import names
from shouwang.desk.workflow.sheet import Column, Sheet, add

from .forms import TerminalForm
from .models import ROLES, VEHICLES, Terminal


def terminal_names(ids: list[str]) -> dict[str, str]:
    return {str(t.id): t.number for t in Terminal.objects.filter(id__in=ids)}


def load() -> None:
    names.known_by("terminals", terminal_names)
    add(
        Sheet(
            key="terminals",
            title=_("Vehicle terminals"),
            order=35,
            model=Terminal,
            form=TerminalForm,
            create=True,
            area_of=lambda r: r.unit.area if r.unit else "",
            rows=lambda: list(Terminal.objects.select_related("unit").order_by("role", "unit__code", "number")),
            note=_("Terminals on duty tell where their unit is while somebody is clocked on with it. Third parties' "
                   "are heard in a panic alarm alone, with the place of that moment."),
            columns=(
                Column(_("Number of the terminal"), lambda r: r.number),
                Column(_("Whose"), lambda r: ROLES[r.role]),
                Column(_("Unit"), lambda r: r.unit),
                Column(_("Kind of vehicle"), lambda r: VEHICLES.get(r.vehicle, "")),
                Column(_("Mark on the device"), lambda r: r.device),
                Column(_("In use"), lambda r: r.active),
            ),
        )
    )
