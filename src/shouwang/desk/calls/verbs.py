"""The verbs of the command bar and the fields of a line, as data. A button names its verb in `data-cmd`."""
from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Verb → its names, any of which may be cut to a beginning that only one verb has.
VERBS: dict[str, tuple[str, ...]] = {
    "dispatch": ("派", "派警", "dispatch", "send", "d"), "merge": ("并", "合并", "merge", "m"),
    "close": ("结", "办结", "close", "c"), "state": ("s", "态", "state"), "goto": ("去", "goto", "g"),
    "ring": ("围", "围控", "ring", "r"), "new": ("接", "接警", "new", "n"),
    "pull": ("抽", "抽调", "pull", "take"), "down": ("撤", "撤回", "down", "stand-down"),
    "level": ("级", "等级", "level", "severity"), "alarm": ("警级", "alarm"), "pass": ("转", "转办", "pass"),
    "note": ("记", "备注", "note", "remark"), "message": ("话", "留言", "message"),
    "cancel": ("销", "取消", "cancel"), "reopen": ("重开", "reopen"), "unmerge": ("拆", "拆并", "unmerge"),
    "link": ("关联", "link"), "unlink": ("解联", "unlink"), "split": ("分开", "split"), "unsplit": ("复原", "unsplit"),
    "endring": ("解", "解围", "endring", "cordon-over"), "open": ("开", "打开", "open", "page"),
    "amend": ("改", "修改", "amend"), "export": ("导出", "export"), "paper": ("补录", "backlog"),
    "reveal": ("号码", "number", "reveal"), "keyholder": ("钥匙", "keyholder"), "next": ("换", "换组", "next"),
    "agency": ("联", "联动", "agency"), "neighbour": ("邻", "邻区", "neighbour"), "event": ("预案", "event"),
    "step": ("步", "步骤", "step"), "roll": ("点", "点名", "roll-call"),
    "well": ("安好", "well"), "ask": ("问", "问询", "ask"),
    "safe": ("平安", "safe"), "panic": ("求助", "panic"), "stay": ("留", "stay"), "move": ("移", "move"),
    "filter": ("筛", "筛选", "filter"), "free": ("可派", "free"), "centre": ("居中", "centre"),
    "mute": ("静音", "mute"), "layer": ("图层", "layer"), "tab": ("页签", "tab"), "let-in": ("放入", "let-in"),
    "view": ("视图", "view"), "print": ("打印", "print"), "csv": ("表格", "csv"), "do": ("按", "do"),
    "help": ("帮助", "help", "?"),
}
FIELDS: dict[str, tuple[str, ...]] = {
    "call": ("call", "警情"), "unit": ("unit", "单位"), "reason": ("reason", "理由"), "result": ("result", "结果"),
    "level": ("level", "级别"), "to": ("to", "转至"), "office": ("office", "部门"), "text": ("text", "内容"),
}
LONG_FIELDS = ("reason", "text", "result", "office", "to")  # all words up to the next field


@dataclass(frozen=True)
class Text:
    """A verb about a call with words."""

    sentence: str | Promise
    field: str
    needed: bool = True


TEXTS: dict[str, Text] = {
    "note": Text(_("Remark on %(call)s"), "text"),
    "message": Text(_("Message to the crews of %(call)s"), "text"),
    "cancel": Text(_("Cancel the call %(call)s"), "reason"),
    "reopen": Text(_("Open %(call)s again"), "reason"),
    "unmerge": Text(_("Take the merge of %(call)s back"), "reason", needed=False),
    "endring": Text(_("End the cordon of %(call)s; its units stand down"), "reason", needed=False),
}


@dataclass(frozen=True)
class Press:
    """A verb that presses a button of the page; `of_call`: one in the pane of a call."""

    sentence: str | Promise
    of_call: bool = True


PRESSED: dict[str, Press] = {
    "amend": Press(_("Amend %(call)s")), "export": Press(_("Export %(call)s")),
    "reveal": Press(_("Show the caller's number of %(call)s; it asks for a reason")),
    "keyholder": Press(_("Show the key-holder of %(call)s; it asks for a reason")),
    "link": Press(_("Link %(call)s to another call")), "unlink": Press(_("Take a link of %(call)s back")),
    "split": Press(_("Split %(call)s in two")), "unsplit": Press(_("Take the split of %(call)s back")),
    "next": Press(_("Tick the next set of units for %(call)s")),
    "agency": Press(_("Linked agencies of %(call)s")), "neighbour": Press(_("Neighbouring centres, %(call)s")),
    "roll": Press(_("Roll call at the scene of %(call)s")),
    "step": Press(_("Tick the run card of %(call)s")),
    "event": Press(_("Event plan for %(call)s")), "well": Press(_("The crew is well, %(call)s")),
    "ask": Press(_("Ask the crew whether it is well, %(call)s")),
    "safe": Press(_("The unit is safe"), of_call=False), "panic": Press(_("Open the call for help"), of_call=False),
    "stay": Press(_("Let a unit stay where it is"), of_call=False),
    "move": Press(_("Advice to move a unit"), of_call=False),
    "filter": Press(_("Filter calls"), of_call=False), "free": Press(_("Only available units"), of_call=False),
    "centre": Press(_("Centre the map on the selection"), of_call=False), "mute": Press(_("Sound"), of_call=False),
    "layer": Press(_("Layers of the map"), of_call=False), "tab": Press(_("Parts of the board"), of_call=False),
    "let-in": Press(_("Let new calls into the list"), of_call=False), "view": Press(_("Saved views"), of_call=False),
    "paper": Press(_("Enter what was written on paper"), of_call=False),
    "print": Press(_("Print the board"), of_call=False),
    "csv": Press(_("Export the list"), of_call=False),
    "do": Press(_("Press a button of this page"), of_call=False),
    "help": Press(_("Keys and commands"), of_call=False),
}
