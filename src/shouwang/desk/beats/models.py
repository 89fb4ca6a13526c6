"""Proposals of beats: what was asked, and what came out. Nothing here is about persons."""

from __future__ import annotations

from shouwang.desk.workflow.asked import Asked


class Proposal(Asked):
    """A district or control area divided into beats."""
