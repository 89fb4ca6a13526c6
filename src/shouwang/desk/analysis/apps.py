from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalysisConfig(AppConfig):
    name = "shouwang.desk.analysis"
    label = "analysis"

    def ready(self) -> None:
        from shouwang.desk.people import nav

        from .terms import SEE

        nav.add(nav.Entry(54, _("Analysis"), "analysis", (SEE,)))
