"""The settings page of exits."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from shouwang.desk.log import names
from shouwang.desk.places.sheets import with_area_names
from shouwang.desk.workflow.sheet import Column, Sheet, add

from .forms import ExitForm
from .models import Exit


def exit_names(ids: list[str]) -> dict[str, str]:
    return {str(e.id): str(e) for e in Exit.objects.filter(id__in=ids)}


def load() -> None:
    names.known_by("exits", exit_names)
    add(
        Sheet(
            key="exits",
            title=_("Exits"),
            order=25,
            model=Exit,
            form=ExitForm,
            create=True,
            area_of=lambda r: r.area,
            rows=lambda: with_area_names(list(Exit.objects.order_by("en", "id"))),
            note=_("Where the district is left by road: cordons shut these, through trips begin and end there."),
            links=((_("Suggest exits"), "exits"),),
            columns=(
                Column(_("Name"), str),
                Column(_("Area"), lambda r: r.area_name),
                Column(_("Longitude"), lambda r: r.lon, numeric=True),
                Column(_("Latitude"), lambda r: r.lat, numeric=True),
                Column(_("In use"), lambda r: r.active),
                Column(_("Mark"), lambda r: _("example") if r.example else ""),
            ),
        )
    )
