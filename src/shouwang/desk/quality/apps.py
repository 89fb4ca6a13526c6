from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QualityConfig(AppConfig):
    name = "shouwang.desk.quality"
    label = "quality"

    def ready(self) -> None:
        from shouwang.desk.log import names
        from shouwang.desk.people import nav

        from .facts import numbers
        from .terms import MAY

        nav.add(nav.Entry(88, _("Data quality"), "quality", (MAY,), aside=True))
        names.known_by("finding", numbers)
