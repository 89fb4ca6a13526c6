"""What the default tables were made after: the documents behind the codes of their column `source`."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

ORIGINS: Mapping[str, str | Promise] = {
    "000a": gettext_lazy("plan of a district with seven control areas"),
    "000b": gettext_lazy("plan of a street at the edge of a city"),
    "000c": gettext_lazy("one community's plan for a year"),
    "000d": gettext_lazy("proposals after a study of Zhuzhou"),
    "000e": gettext_lazy("proposals from Henan"),
    "001": gettext_lazy("report from Jinzhou, 2011"),
    "002": gettext_lazy("paper from Dazhou, 2011"),
    "003": gettext_lazy("paper on building patrol brigades"),
    "004": gettext_lazy("implementing opinion of a region, about 2015"),
    "own": gettext_lazy("proposed with this software"),
    "public": gettext_lazy("published tables"),
}


def origin(source: str) -> str:
    """The documents of such a cell in words ("000a;003"); what is no code stays as it was written."""
    return _("; ").join(str(ORIGINS.get(code, code)) for code in source.split(";"))
