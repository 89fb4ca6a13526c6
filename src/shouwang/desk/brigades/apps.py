from functools import partial

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BrigadesConfig(AppConfig):
    name = "shouwang.desk.brigades"
    label = "brigades"

    def ready(self) -> None:
        from shouwang.desk.log import names, retention
        from shouwang.desk.people import nav
        from shouwang.desk.places import importers
        from shouwang.desk.units import ready

        from . import facts, terms
        from .actions import delete_due
        from .standing import why_not

        nav.add(nav.Entry(56, _("Teams"), "teams", (terms.SEE,), ("members", "recruitment"), aside=True))
        nav.add(nav.Entry(57, _("Recruitment"), "recruitment", (terms.HIRE,), aside=True))
        names.known_by("team", facts.team_names)
        names.known_by("teams", facts.team_names)
        names.known_by("member", facts.member_names)
        names.known_by("recruitment", facts.notice_names)
        for kind, words in terms.LISTS.items():
            names.known_by(f"member-{kind}", partial(facts.words_of, words))
        importers.add("shouwang.desk.brigades.imports")
        retention.register("members", delete_due)
        ready.add(why_not)
