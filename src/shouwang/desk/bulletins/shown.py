"""A published result put into rows, for the manager's page and the residents'."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from shouwang.desk.places import facts as places

from . import facts
from .models import Survey


def result(row: Survey) -> dict[str, Any]:
    """Each question with its options, share and margin in points; what is hidden has neither."""
    told, known = row.result, places.area_names()
    return {
        "answers": told["answers"], "small": told["small"],
        "questions": [{"it": q, "rows": [{"option": o, "found": found} for o, found in
                                         zip((*q.options, _("left open")), told["questions"][q.id], strict=True)]}
                      for q in facts.questions(row)],
        "areas": [(known[path].name if path in known else path, n) for path, n in told["areas"].items() if path],
    }  # fmt: skip
