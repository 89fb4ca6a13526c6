"""Makes a centre ready: its rules, and the example district if asked. Everything here may be run again."""
from __future__ import annotations

from shouwang.desk.people import defaults as people
from shouwang.desk.units import defaults as units
from shouwang.desk.workflow import defaults as workflow


def load_rules() -> None:
    """The default rules (data/domain). Rows that stand already are left as they are."""
    workflow.load()
    people.load()
    units.load()
