"""What happens to calls. Every function is keyword-only, takes who acts and when, and is one transaction that ends with
its events. A client's `key` (an event id it makes) makes a retry give the first answer again."""
from ..terms import Amend, Caller, NewCall, Stand, Transfer
from .closing import cancel_call, close_call, merge_call, raise_alarm, reopen_call, transfer_call, unmerge_call, upgrade
from .dispatch import (
    assign_units,
    decline_task,
    end_cordon,
    move_assignment,
    pull_unit,
    stand_down,
    undo_move,
)
from .drafts import clear_draft, drafts_due, read_draft, save_draft
from .exporting import as_eido, as_signed_eido, export_call, exported, remarks, said
from .intake import add_alarms, amend_call, attach_caller, faults, panic_call, take_call
from .measuring import learn_pace, measure
from .pair import pair_call
from .sealed import add_note, read_words, reveal_caller

__all__ = [
    "Amend",
    "Caller",
    "NewCall",
    "Stand",
    "Transfer",
    "add_alarms",
    "add_note",
    "amend_call",
    "as_eido",
    "as_signed_eido",
    "assign_units",
    "attach_caller",
    "cancel_call",
    "clear_draft",
    "close_call",
    "decline_task",
    "drafts_due",
    "end_cordon",
    "export_call",
    "exported",
    "faults",
    "learn_pace",
    "measure",
    "merge_call",
    "move_assignment",
    "pair_call",
    "panic_call",
    "pull_unit",
    "raise_alarm",
    "read_draft",
    "read_words",
    "remarks",
    "reopen_call",
    "reveal_caller",
    "said",
    "save_draft",
    "stand_down",
    "take_call",
    "transfer_call",
    "undo_move",
    "unmerge_call",
    "upgrade",
]
