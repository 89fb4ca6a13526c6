from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SitesConfig(AppConfig):
    name = "shouwang.desk.sites"
    label = "sites"

    def ready(self) -> None:
        from shouwang.desk.log import names, retention
        from shouwang.desk.people import nav
        from shouwang.desk.places import importers

        from . import facts
        from .actions import hazards_due
        from .terms import OWNERS, SEE, hazard_kinds

        nav.add(nav.Entry(91, _("Sites"), "sites", (SEE,), ("hazards", "alarms", "facilities")))
        names.known_by("site", facts.names)
        names.known_by("hazard", facts.hazard_names)
        names.known_by("hazard-kind", lambda codes: {c: str(hazard_kinds()[c]) for c in codes if c in hazard_kinds()})
        names.known_by("hazard-owner", lambda codes: {c: str(OWNERS[c]) for c in codes if c in OWNERS})
        importers.add("shouwang.desk.sites.imports")
        retention.register("hazards", hazards_due)
