from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "shouwang.desk.calls"
    label = "calls"

    def ready(self) -> None:
        from shouwang.desk.log import retention
        from shouwang.desk.units import tasks

        from .facts import tasks_of_units
        from .retention import drafts_due, drop_closed_cards, sealed_due
        tasks.found_by(tasks_of_units)
        for name, rule in (("calls.words", sealed_due), ("calls.drafts", drafts_due), ("calls.cards", drop_closed_cards)):
            retention.register(name, rule)
