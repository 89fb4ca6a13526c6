"""The use cases of this room."""

from .due import matters_due, watch
from .joint import move_task, set_task, watch_parts
from .moving import escalate, move, moves, remark
from .reporting import from_call, from_volunteer, report, report_public
from .resident import count, follow, puzzle, rate, solved
from .sealed import photo, read_words, reveal_contact
from .splitting import split

__all__ = ["count", "escalate", "follow", "from_call", "from_volunteer", "matters_due", "move", "move_task", "moves",
           "photo", "puzzle", "rate", "read_words", "remark", "report", "report_public", "reveal_contact",
           "set_task", "solved", "split", "watch", "watch_parts"]
