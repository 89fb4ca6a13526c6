"""What every page knows: the district, its marks, the reader's entries and theme."""
from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from shouwang.desk.workflow.settings import get_many

from . import nav
from .access import actor


def page(request: HttpRequest) -> dict[str, Any]:
    names = get_many("district_zh", "district_en", "example_note", "time_zone")
    zh = getattr(request, "LANGUAGE_CODE", "zh-hans").startswith("zh")
    signed_in = bool(getattr(request, "user", None) and request.user.is_authenticated)
    view = request.resolver_match.view_name if request.resolver_match else ""
    bar, more = nav.laid_out(nav.entries(actor(request)) if signed_in else [], view)
    return {
        "district": names["district_zh"] if zh else names["district_en"],
        "example_note": names["example_note"],
        "time_zone": names["time_zone"],
        "now": timezone.localtime(),
        "who": actor(request) if signed_in else None,
        "entries": bar,
        "more": more,
        "theme": request.COOKIES.get("theme", ""),
        "chinese": zh,
    }
