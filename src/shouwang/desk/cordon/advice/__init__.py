"""Rings, blockades, checkpoints and exits on the streets in use. The room's only door to the engine."""

from .checkpoints import LIMIT_S, LONGER_S, checkpoints
from .ground import near_a_street, warm
from .ring import blockade, contain, default_radius_m
from .suggesting import suggested

__all__ = [
    "LIMIT_S",
    "LONGER_S",
    "blockade",
    "checkpoints",
    "contain",
    "default_radius_m",
    "near_a_street",
    "suggested",
    "warm",
]
