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
WORDED_FIELDS = ("reason", "text", "office")  # words of the writer's own


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
# Buttons of the pages beside the board: verb → its names, and what it presses.
BESIDE: dict[str, tuple[tuple[str, ...], str | Promise]] = {
    "claim": (("认", "认领", "hold"), _("Take in hand")),
    "back": (("放", "放回", "put-back"), _("Put back what is in your hand")),
    "read": (("阅", "阅读", "read"), _("Read a message")),
    "intake": (("立", "立警", "intake"), _("Take it as a call")),
    "attach": (("附", "附入", "attach"), _("Attach it to an open call")),
    "settle": (("了", "了结", "settle"), _("Close it without a call")),
    "again": (("再", "再办", "again"), _("Open it again")),
    "reply": (("复", "回复", "reply"), _("Write a reply")),
    "sender": (("来", "来件人", "sender"), _("Show the sender; it asks for a reason")),
    "seat": (("话机", "seat"), _("Say at which telephone you sit")),
    "phone": (("拨", "拨号", "phone"), _("Call back: show the number")),
    "outcome": (("果", "通话结果", "outcome"), _("What came of calling back")),
    "rate": (("评", "评价", "rate"), _("Write down the rating")),
    "task": (("任", "任务", "task"), _("A task")),
    "begin": (("启", "启动", "begin"), _("Start the plan")),
    "grade": (("升", "升降级", "grade"), _("Change the level of the event")),
    "log": (("志", "日志", "log"), _("Write a remark into the event's log")),
    "join": (("加", "加入", "join"), _("Add a call to the event")),
    "warn": (("发警", "warn"), _("Warnings to the public")),
    "report": (("报", "报告", "report"), _("Report on the event")),
    "over": (("束", "结束", "over"), _("End the event")),
    "command": (("指", "指挥", "command"), _("Command of the event")),
    "sector": (("段", "战段", "sector"), _("Sectors of the event")),
    "count": (("计", "计数", "count"), _("Count people")),
    "tick": (("勾", "打勾", "tick"), _("Tick a line of a list")),
    "panel": (("主机", "panel"), _("Alarm panels")),
}
VERBS |= {verb: names for verb, (names, _says) in BESIDE.items()}
PRESSED |= {verb: Press(says, of_call=False) for verb, (_names, says) in BESIDE.items()}
