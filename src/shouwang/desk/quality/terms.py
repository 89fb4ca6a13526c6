"""Fixed choices of this room and their words."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Label = str | Promise

MAY = "quality.trace"
KINDS: Mapping[str, Label] = {"call": _("Call"), "matter": _("Grid matter"), "mediation": _("Mediation")}
STATES: Mapping[str, Label] = {"open": _("To be mended"), "mended": _("Mended"), "accepted": _("Accepted as it is")}
WHYS: Mapping[str, Label] = {
    "true": _("It was so: the record is right"), "lost": _("Cannot be found out any more"),
    "late": _("Entered after an outage or a drill"), "rule": _("The rule does not fit this case"),
}
WEEKS = 5  # looked at again and again; older weeks keep what was counted last
KEPT = timedelta(days=400)  # what was settled so long ago is deleted; the counts stay
FEWEST = 20  # records: below, a share is called uncertain
