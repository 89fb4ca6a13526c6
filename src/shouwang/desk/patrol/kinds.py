"""Kinds of calls as files of past calls name them, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext_lazy, pgettext_lazy

KINDS = {
    "larceny": gettext_lazy("Larceny"),
    "other": pgettext_lazy("kind of call", "Other"),
    "vandalism": gettext_lazy("Vandalism"),
    "burglary": gettext_lazy("Burglary"),
    "vehicle_theft": gettext_lazy("Vehicle theft"),
    "simple_assault": gettext_lazy("Simple assault"),
    "aggravated_assault": gettext_lazy("Aggravated assault"),
    "robbery": gettext_lazy("Robbery"),
    "disorderly": gettext_lazy("Disorderly conduct"),
    "fraud": gettext_lazy("Fraud"),
    "arson": gettext_lazy("Arson"),
    "homicide": gettext_lazy("Homicide"),
    "forgery": gettext_lazy("Forgery"),
    "embezzlement": gettext_lazy("Embezzlement"),
    "drugs": gettext_lazy("Drugs"),
    "weapons": gettext_lazy("Weapons"),
    "dwi": gettext_lazy("Drink-driving"),
    "liquor": gettext_lazy("Liquor"),
    "loitering_begging": gettext_lazy("Loitering and begging"),
    "gambling": gettext_lazy("Gambling"),
    "stolen_property": gettext_lazy("Stolen property"),
}


def kind_name(kind: str) -> str:
    """The name of a kind of call in an imported file; those not known keep their own."""
    return str(KINDS.get(kind, kind))
