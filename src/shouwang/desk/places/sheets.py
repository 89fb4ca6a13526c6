"""The settings pages of this room, and what the rooms below ask about areas."""

from __future__ import annotations

from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shouwang.desk.log import names
from shouwang.desk.log.names import Ground
from shouwang.desk.workflow.settings import get as setting
from shouwang.desk.workflow.sheet import Column, Sheet, add

from .forms import LANDMARK_KINDS, POST_KINDS, SETTINGS, AreaForm, LandmarkForm, PostForm
from .models import Area, Landmark, LearnedPace, Post

KINDS = {
    "district": _("district"),
    "control_area": _("control area"),
    "community": _("community"),
    "cell": _("grid cell"),
    "beat": _("beat"),
}


def area_rows() -> list[Area]:
    """Areas in tree order, cells left out: they are many, carry no name of their own and come with imports."""
    return list(Area.objects.exclude(kind="cell").defer("geometry").order_by("path"))


def area_names(paths: list[str]) -> dict[str, str]:
    return {a.path: str(a) for a in Area.objects.filter(path__in=paths).only("path", "zh", "en")}


def ground(cells: bool) -> list[Ground]:
    rows = Area.objects.exclude(kind="beat") if cells else Area.objects.exclude(kind__in=("cell", "beat"))
    name = "zh" if (get_language() or "").startswith("zh") else "en"
    return [Ground(*row) for row in rows.order_by("path").values_list("path", "kind", name)]


def home() -> str:
    return Area.objects.filter(parent="").order_by("id").values_list("path", flat=True).first() or ""


def with_area_names(rows: list[Any]) -> list[Any]:
    """Rows with the name of their area beside its path, asked for once."""
    known = area_names([r.area for r in rows])
    for row in rows:
        row.area_name = known.get(row.area, row.area)
    return rows


def post_names(ids: list[str]) -> dict[str, str]:
    return {str(p.id): str(p) for p in Post.objects.filter(id__in=ids)}


def landmark_names(ids: list[str]) -> dict[str, str]:
    return {str(m.id): str(m) for m in Landmark.objects.filter(id__in=ids)}


def load() -> None:
    names.known_by("area", area_names)
    names.known_by("posts", post_names)
    names.known_by("landmarks", landmark_names)
    names.ground_told_by(ground)
    names.home_told_by(home)
    add(
        Sheet(
            key="areas",
            title=_("Areas"),
            order=10,
            model=Area,
            form=AreaForm,
            rows=area_rows,
            area_of=lambda r: r.path,
            depth=lambda r: r.path.count("/") - 1,
            detail="settings/area.html",
            note=_("Areas and grid cells come by import; their names and standards are set here."),
            columns=(
                Column(_("Name"), str),
                Column(_("Kind"), lambda r: KINDS.get(r.kind, r.kind)),
                Column(_("Code"), lambda r: r.code),
                Column(_("Arrival standard"), lambda r: dict(SETTINGS).get(r.setting, r.setting)),
                Column(_("Mark"), lambda r: _("example") if r.example else ""),
            ),
        )
    )
    add(
        Sheet(
            key="posts",
            title=_("Posts"),
            order=20,
            model=Post,
            form=PostForm,
            create=True,
            area_of=lambda r: r.area,
            rows=lambda: with_area_names(list(Post.objects.order_by("code"))),
            columns=(
                Column(_("Code"), lambda r: r.code),
                Column(_("Name"), str),
                Column(_("Kind"), lambda r: POST_KINDS.get(r.kind, r.kind)),
                Column(_("Area"), lambda r: r.area_name),
                Column(_("Longitude"), lambda r: r.lon, numeric=True),
                Column(_("Latitude"), lambda r: r.lat, numeric=True),
                Column(_("In use"), lambda r: r.active),
                Column(_("Mark"), lambda r: _("example") if r.example else ""),
            ),
        )
    )
    add(
        Sheet(
            key="landmarks",
            title=_("Landmarks"),
            order=21,
            model=Landmark,
            form=LandmarkForm,
            create=True,
            area_of=lambda r: r.area,
            rows=lambda: with_area_names(list(Landmark.objects.order_by("code"))),
            note=_("Names by which callers say where they are. They are found when a place is typed, alone or with a "
                   "street: “Market St near the park”."),
            links=((_("Import"), "import"),),
            columns=(
                Column(_("Code"), lambda r: r.code),
                Column(_("Name"), str),
                Column(_("Further names"), lambda r: r.others.replace(";", ", "), typed=True),
                Column(_("Kind"), lambda r: LANDMARK_KINDS.get(r.kind, r.kind)),
                Column(_("Area"), lambda r: r.area_name),
                Column(_("Longitude"), lambda r: r.lon, numeric=True),
                Column(_("Latitude"), lambda r: r.lat, numeric=True),
                Column(_("In use"), lambda r: r.active),
                Column(_("Mark"), lambda r: _("example") if r.example else ""),
            ),
        )
    )
    add(
        Sheet(
            key="pace",
            title=_("Learned drive times"),
            order=66,
            model=LearnedPace,
            rows=lambda: list(LearnedPace.objects.order_by("-at")),
            detail="places/pace.html",
            note=_("Learned every night from the drives of units to calls, as long as their tracks are kept: factors "
                   "on the streets' own times by class and hour of the week. No drive and no unit is kept. Dispatch "
                   "takes them where the setting says so."),
            columns=(
                Column(_("Learned"), lambda r: f"{localtime(r.at):%Y-%m-%d %H:%M}"),
                Column(_("Kilometres driven"), lambda r: f"{r.km:,.0f}", numeric=True),
                Column(_("Drives"), lambda r: r.drives, numeric=True),
                Column(_("Drives kept aside"), lambda r: r.held, numeric=True),
                Column(_("Error by own times"), lambda r: _share(r.own_error), numeric=True),
                Column(_("Error as learned"), lambda r: _share(r.error), numeric=True),
                Column(_("In use"), lambda r: bool(setting("pace_learned"))),
            ),
        )
    )


def _share(error: float | None) -> str:
    return "—" if error is None else f"{error * 100:.0f} %"
