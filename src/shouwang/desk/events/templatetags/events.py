"""Filters for parts of plans and warnings that carry both languages."""

from __future__ import annotations

from typing import Any

from django import template

from shouwang.desk.events.terms import told

register = template.Library()


@register.filter
def kind_of(plan: dict[str, Any]) -> str:
    return told(plan, "kind")


@register.filter
def end_of(plan: dict[str, Any]) -> str:
    return told(plan, "end")


@register.filter
def headline_of(given: dict[str, Any]) -> str:
    return told(given, "headline")


@register.filter
def text_of(given: dict[str, Any]) -> str:
    return told(given, "text")


@register.filter
def instruction_of(given: dict[str, Any]) -> str:
    return told(given, "instruction")
