"""`{% navigate lon lat %}`: buttons that hand a point to the reader's map application."""

from __future__ import annotations

from typing import Any

from django import template

from shouwang.desk.places.handing import amap, geo

register = template.Library()


@register.simple_tag(takes_context=True)
def amap_link(context: dict[str, Any], lon: float, lat: float) -> str:
    """The address for AMap, "" where its maps are not shifted."""
    request = context.get("request")
    return amap(lon, lat, request.headers.get("User-Agent", "") if request else "")


@register.inclusion_tag("places/navigate.html", takes_context=True)
def navigate(context: dict[str, Any], lon: float, lat: float) -> dict[str, Any]:
    return {"geo": geo(lon, lat), "amap": amap_link(context, lon, lat)}
