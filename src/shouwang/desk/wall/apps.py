from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WallConfig(AppConfig):
    name = "shouwang.desk.wall"
    label = "wall"

    def ready(self) -> None:
        from shouwang.desk.people import nav

        from .facts import MAY

        nav.add(nav.Entry(40, _("Wall display"), "wall", (MAY,), aside=True))
