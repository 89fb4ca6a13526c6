"""Which units for this call, and what it costs; who should stand elsewhere meanwhile; which calls may be the same.

The room's only door to the engine.
"""
from .choice import Advice, ForService, Promised, for_call, promised, recommend
from .covering import Covered, cover_now
from .driving import learned
from .measuring import measures
from .moving import MoveUp, move_up
from .near import duplicates, plain_near
from .pulling import Pull
from .roads import warm, ways
from .terms import Candidate
from .wording import busy, leaves, note, plain, price, reason, skills_missing

__all__ = [
    "Advice",
    "Candidate",
    "Covered",
    "ForService",
    "MoveUp",
    "Promised",
    "Pull",
    "busy",
    "cover_now",
    "duplicates",
    "for_call",
    "learned",
    "leaves",
    "measures",
    "move_up",
    "note",
    "plain",
    "plain_near",
    "price",
    "promised",
    "reason",
    "recommend",
    "skills_missing",
    "warm",
    "ways",
]
