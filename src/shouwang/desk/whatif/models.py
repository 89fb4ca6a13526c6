"""Comparisons of two scenarios: what was asked, and what came out. Nothing here is about persons."""

from __future__ import annotations

from django.db import models

from shouwang.desk.workflow.asked import Asked


class Study(Asked):
    """Two scenarios played through the same calls of a district."""

    title = models.CharField(max_length=80)
