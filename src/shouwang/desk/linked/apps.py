from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LinkedConfig(AppConfig):
    name = "shouwang.desk.linked"
    label = "linked"

    def ready(self) -> None:
        from shouwang.desk.log import names
        from shouwang.desk.people import nav
        from shouwang.desk.workflow.agencies import names_of
        from shouwang.desk.workflow.moves import timer_flag

        from .facts import MAY_ANSWER, MAY_SEND

        nav.add(nav.Entry(10, _("Linked agencies"), "linked", (MAY_SEND,), aside=True))
        nav.add(nav.Entry(12, _("Tasks of your agency"), "linked.mine", (MAY_ANSWER,)))
        names.known_by("agency", names_of)
        names.known_by("timer-flag", lambda codes: {code: timer_flag(code) for code in codes})
