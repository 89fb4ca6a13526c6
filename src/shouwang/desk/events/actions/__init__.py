"""What people do with major events and warnings. Each is one transaction that ends with its event in the log."""

from .command import assume, give, join, set_level, stand_down, start, take
from .common import read
from .keep import late_due, words_due
from .warning import cancel, issue, update, write_outbox
from .work import add_item, change_item, count, place, remark, remove_sector, report_drafted, save_sector, tick

__all__ = [
    "add_item", "assume", "cancel", "change_item", "count", "give", "issue", "join", "late_due", "place",
    "read", "remark", "remove_sector", "report_drafted", "save_sector", "set_level", "stand_down", "start", "take",
    "tick", "update", "words_due", "write_outbox",
]
