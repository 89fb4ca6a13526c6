from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EffectsConfig(AppConfig):
    name = "shouwang.desk.effects"
    label = "effects"

    def ready(self) -> None:
        from shouwang.desk.people import nav

        nav.add(nav.Entry(54, _("Did it work?"), "effects", ("analysis.view",)))
