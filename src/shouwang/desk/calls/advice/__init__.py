"""Which units for this call, and what it costs; who should stand elsewhere meanwhile; which calls may be the same.

The room's only door to the engine.
"""
from .choice import Advice, ForService, Promised, for_call, promised, recommend
from .covering import Covered, cover_now
from .driving import learned
from .measuring import measures
from .moving import MoveUp, move_ups_now
from .near import duplicates, plain_near
from .pulling import Pull
from .roads import warm, ways
from .terms import Candidate
from .wording import busy, chinese, leaves, note, plain, price, reason, skill_name, skills_missing, title

__all__ = [
    "Advice",
    "Candidate",
    "Covered",
    "ForService",
    "MoveUp",
    "Promised",
    "Pull",
    "busy",
    "chinese",
    "cover_now",
    "duplicates",
    "for_call",
    "learned",
    "leaves",
    "measures",
    "move_ups_now",
    "note",
    "plain",
    "plain_near",
    "price",
    "promised",
    "reason",
    "recommend",
    "skill_name",
    "skills_missing",
    "title",
    "warm",
    "ways",
]
