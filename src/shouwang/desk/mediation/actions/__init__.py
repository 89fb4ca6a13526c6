"""The use cases of this room."""

from .asking import ask, follow, rate
from .due import sealed_due, watch
from .meeting import add_visit, record_session, write_agreement
from .moving import extend, give_up, hand_over, move, moves, remark
from .opening import declare, open_case, paper
from .registering import add_party, drop_party, from_call, from_matter, register
from .screening import enter, look

__all__ = ["add_party", "add_visit", "ask", "declare", "drop_party", "enter", "extend", "follow", "from_call",
           "from_matter", "give_up", "hand_over", "look", "move", "moves", "open_case", "paper", "rate",
           "record_session", "register", "remark", "sealed_due", "watch", "write_agreement"]
