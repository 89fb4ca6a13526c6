"""The use cases of this room."""

from .claims import enter_claim, move_claim, read_claim, set_papers
from .due import due, words_due
from .groups import call_group, make_group, set_group
from .notices import answer, end_notice, handle, note_opened, order, picture, read_answers, read_text, retry
from .office import (
    confirm,
    confirm_association,
    end,
    refuse,
    refuse_association,
    reveal,
    reveal_association,
    serve,
    train,
)
from .registering import amend, by_code, register, register_association, withdraw
from .sending import deliver

__all__ = ["amend", "answer", "by_code", "call_group", "confirm", "confirm_association", "deliver", "due", "end",
           "end_notice", "enter_claim", "handle", "make_group", "move_claim", "note_opened", "order", "picture",
           "read_answers", "read_claim", "read_text", "refuse", "refuse_association", "register",
           "register_association", "retry", "reveal", "reveal_association", "serve", "set_group", "set_papers", "train",
           "withdraw", "words_due"]
