"""What planners, leaders, members and the worker do with rosters. Each is one transaction that ends with its events."""

from .desks import watch_desks
from .planning import (
    again,
    ask,
    better,
    delete,
    delete_old,
    drop_feed,
    edit,
    end,
    enter,
    publish,
    renew_feed,
    stop,
    strike,
    withdraw,
)
from .presence import clock_off, clock_on, end_forgotten, places_for
from .replanning import replan
from .swapping import accept, approve_swap, ask_swap, decline, open_shift, refuse_swap, withdraw_swap
from .wishing import unwish, wish

SWAP = {"accept": accept, "decline": decline, "withdraw": withdraw_swap, "approve": approve_swap, "refuse": refuse_swap}
__all__ = [
    "SWAP",
    "accept", "again", "approve_swap", "ask", "ask_swap", "better", "clock_off", "clock_on", "decline", "delete",
    "delete_old", "drop_feed", "edit", "end", "end_forgotten", "enter", "open_shift", "places_for", "publish",
    "refuse_swap", "renew_feed", "replan", "stop", "strike", "unwish", "watch_desks", "wish",
    "withdraw", "withdraw_swap",
]  # fmt: skip
