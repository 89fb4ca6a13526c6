from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BulletinsConfig(AppConfig):
    name = "shouwang.desk.bulletins"
    label = "bulletins"

    def ready(self) -> None:
        from shouwang.desk.log import names, retention
        from shouwang.desk.people import nav

        from . import facts, terms
        from .actions import delete_due

        nav.add(nav.Entry(70, _("Bulletins"), "bulletins", facts.SEE, aside=True))
        nav.add(nav.Entry(71, _("Surveys"), "surveys", (terms.SURVEY,), aside=True))
        names.known_by("bulletin", facts.titles)
        names.known_by("survey", facts.survey_titles)
        retention.register("surveys", delete_due)
