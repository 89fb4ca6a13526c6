"""Checked at start: every page and every operation of the API says who may open it."""
from __future__ import annotations

from collections.abc import Iterator
from inspect import getclosurevars
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.urls import URLResolver, get_resolver

from .middleware import GUARDED_MODULES, OPEN_MODULES, module_of


@register()
def every_door_has_a_guard(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = [
        Error(f"The page {route!r} does not say who may open it; it would be refused to everybody.",
              hint="Mark the view with @needs(...), @signed_in or @public (shouwang.desk.log.gate).",
              obj=module_of(view), id="people.E001")
        for route, view in pages() if not getattr(view, "needs", None)]
    found += [
        Error(f"The operation {method} {path} does not say who may call it.",
              hint="Wrap it with @opens(...) (shouwang.desk.log.gate), below the router's decorator.",
              obj=module_of(view), id="people.E002")
        for method, path, view in operations() if not getattr(view, "needs", None)]
    return found


def pages() -> Iterator[tuple[str, Any]]:
    """Each address with its view, save those of modules that guard themselves."""
    for route, view in _views(get_resolver(), ""):
        if not module_of(view).startswith(OPEN_MODULES + GUARDED_MODULES):
            yield route, view


def operations() -> Iterator[tuple[str, str, Any]]:
    """Each operation of the API: method, address, function."""
    for route, view in _views(get_resolver(), ""):
        if module_of(view) == "ninja.operation":  # a wrapper round ninja's PathView, which holds the operations
            for operation in getclosurevars(view).nonlocals["self"].operations:
                for method in operation.methods:
                    yield method, "/" + route, operation.view_func


def _views(resolver: URLResolver, before: str) -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _views(entry, route)
        else:
            yield route, entry.callback
