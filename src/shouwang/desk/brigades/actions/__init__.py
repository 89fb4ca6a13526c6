"""What leaders, clerks and members do here. Each is one transaction that ends with its event."""

from .hearing import (
    Said,
    answer_correction,
    ask_correction,
    decide,
    hear,
    own_words,
    propose,
    read_words,
    withdraw,
)
from .keeping import give_back, good_until, issue, praise, teach
from .keeping_time import delete_due
from .members import Taken, amend, checked, enter, hire, leave, move
from .recruiting import (
    Opened,
    Written,
    answer_objection,
    apply,
    cancel,
    complete,
    drop_applicant,
    object_to,
    post_result,
    posted_names,
    publish,
    read_notice,
    write_notice,
)
from .teams import (
    appoint,
    call_off,
    close_team,
    count_help,
    give_rights,
    plan_joint,
    relieve,
    save_team,
    set_rules,
    strike_help,
)

__all__ = [
    "Opened", "Said", "Taken", "Written", "amend", "answer_correction", "answer_objection", "apply", "appoint",
    "ask_correction", "call_off", "cancel", "checked", "close_team", "complete", "count_help", "decide", "delete_due",
    "drop_applicant", "enter", "give_back", "give_rights", "good_until", "hear", "hire", "issue", "leave", "move",
    "object_to", "own_words", "plan_joint", "post_result", "posted_names", "praise", "propose", "publish",
    "read_notice", "read_words", "relieve", "save_team", "set_rules", "strike_help", "teach", "withdraw",
    "write_notice",
]  # fmt: skip
