"""What happens to calls. Every function is keyword-only, takes who acts and when, and is one transaction that ends with
its events. A client's `key` (an event id it makes) makes a retry give the first answer again."""
from ..terms import Amend, Caller, NewCall, PaperCall, PaperUnit, Stand, Transfer
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
from .entering import enter_paper, paper_faults
from .exporting import as_eido, as_pdf, as_signed_eido, export_call, exported, remarks, said
from .from_post import call_from_post
from .intake import add_alarms, amend_call, attach_caller, faults, panic_call, take_call
from .joining import detach_caller, link_calls, split_call, unlink_calls, unsplit_call
from .measuring import learn_pace, measure
from .pair import pair_call
from .photos import list_photos, read_photo, take_photo
from .sealed import add_note, read_words, reveal_caller, send_message
from .steps import tick
from .viewing import drop_view, save_view
from .watching import ask_crew, crew_is_well, roll_call, watch

__all__ = [
    "Amend",
    "Caller",
    "NewCall",
    "PaperCall",
    "PaperUnit",
    "Stand",
    "Transfer",
    "add_alarms",
    "add_note",
    "amend_call",
    "as_eido",
    "as_pdf",
    "as_signed_eido",
    "ask_crew",
    "assign_units",
    "attach_caller",
    "call_from_post",
    "cancel_call",
    "clear_draft",
    "close_call",
    "crew_is_well",
    "decline_task",
    "detach_caller",
    "drafts_due",
    "drop_view",
    "end_cordon",
    "enter_paper",
    "export_call",
    "exported",
    "faults",
    "learn_pace",
    "link_calls",
    "list_photos",
    "measure",
    "merge_call",
    "move_assignment",
    "pair_call",
    "panic_call",
    "paper_faults",
    "pull_unit",
    "raise_alarm",
    "read_draft",
    "read_photo",
    "read_words",
    "remarks",
    "reopen_call",
    "reveal_caller",
    "roll_call",
    "said",
    "save_draft",
    "save_view",
    "send_message",
    "split_call",
    "stand_down",
    "take_call",
    "take_photo",
    "tick",
    "transfer_call",
    "undo_move",
    "unlink_calls",
    "unmerge_call",
    "unsplit_call",
    "upgrade",
    "watch",
]
