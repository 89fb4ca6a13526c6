from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MediationConfig(AppConfig):
    name = "shouwang.desk.mediation"
    label = "mediation"

    def ready(self) -> None:
        from shouwang.desk.log import reactions, retention
        from shouwang.desk.people import nav

        from . import sheets
        from .actions import sealed_due
        from .reactions import KINDS, react
        from .terms import SEE

        nav.add(nav.Entry(26, _("Mediation"), "mediation", SEE, aside=True))
        sheets.load()
        reactions.register("mediation", react, KINDS)
        retention.register("mediation", sealed_due)
