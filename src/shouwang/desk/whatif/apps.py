from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WhatIfConfig(AppConfig):
    name = "shouwang.desk.whatif"
    label = "whatif"

    def ready(self) -> None:
        from shouwang.desk.people import nav

        nav.add(nav.Entry(65, _("What if"), "whatif", ("whatif.run", "whatif.view")))
