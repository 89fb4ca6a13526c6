"""What the kinds of events are called. A kind that is missing here is shown by its code."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

WORDS = {"reason", "words", "note", "digest"}  # payload keys that hold digests of somebody's words

LABELS = {
    "auth.signed_in": _("Signed in"),
    "auth.signed_out": _("Signed out"),
    "auth.failed": _("Sign-in failed"),
    "auth.locked": _("Sign-in locked"),
    "auth.password_changed": _("Password changed"),
    "auth.factor_changed": _("Second factor changed"),
    "access.ended": _("Access ended"),
    "token.made": _("Key for a program made"),
    "token.dropped": _("Key for a program dropped"),
    "user.created": _("Account made"),
    "user.amended": _("Account amended"),
    "user.deactivated": _("Account closed"),
    "user.activated": _("Account opened"),
    "user.password_reset": _("Password reset"),
    "role.granted": _("Role given"),
    "role.revoked": _("Role taken away"),
    "settings.changed": _("Settings changed"),
    "settings.added": _("Settings added"),
    "rules.changed": _("Rules in force anew"),
    "audit.seen": _("Audit looked at"),
    "audit.exported": _("Audit exported"),
    "audit.verified": _("Log verified"),
    "hold.set": _("Legal hold set"),
    "hold.ended": _("Legal hold ended"),
    "log.pruned": _("Old access events pruned"),
    "log.restored": _("Backup restored"),
    "import.done": _("Import done"),
    "import.asked": _("Import asked for"),
    "import.confirmed": _("Import confirmed"),
    "measures.made": _("Times of calls measured"),
    "pace.learned": _("Drive times learned"),
    "history.added": _("Past calls added"),
    "access.words_read": _("Caller's words read"),
    "access.replayed": _("Past hour looked at"),
    "call.taken": _("Call taken"),
    "call.amended": _("Call amended"),
    "call.attached": _("Second caller added"),
    "call.assigned": _("Unit assigned"),
    "call.unit_moved": _("Unit on the call moved on"),
    "call.gained": _("Call gained a merged one"),
    "call.lost": _("Call lost a merged one"),
    "call.merged": _("Calls merged"),
    "call.unmerged": _("Calls parted"),
    "call.noted": _("Note on a call"),
    "call.closed": _("Call closed"),
    "call.reopened": _("Call opened again"),
    "call.cancelled": _("Call cancelled"),
    "call.transferred": _("Call passed on"),
    "call.revealed": _("Caller's number looked at"),
    "call.upgraded": _("Severity changed"),
    "call.alarmed": _("Alarm level changed"),
    "call.words_deleted": _("Caller's words deleted"),
    "call.stood_down": _("Unit stood down"),
    "unit.clocked_on": _("Clocked on"),
    "unit.clocked_off": _("Clocked off"),
    "unit.state": _("Unit state set"),
    "unit.stand_by": _("Unit asked to wait elsewhere"),
    "unit.stand_by_seen": _("Crew has seen where to wait"),
    "unit.stand_by_ended": _("Waiting elsewhere taken back"),
    "unit.stand_by_dismissed": _("Advice to move a unit dismissed"),
    "unit.panic": _("Panic"),
    "unit.panic_cleared": _("Panic cleared"),
    "forecast.made": _("Forecast made"),
    "plan.proposed": _("Plan proposed"),
    "plan.edited": _("Plan edited"),
    "seen.counted": _("Streets seen in an hour counted"),
    "tour.told": _("Stop of a tour reached, left or passed over"),
    "plan.submitted": _("Plan submitted"),
    "plan.withdrawn": _("Plan withdrawn"),
    "plan.approved": _("Plan approved"),
    "plan.returned": _("Plan sent back"),
    "plan.replaced": _("Plan replaced"),
    "job.asked": _("Job asked for"),
    "job.cancelled": _("Job cancelled"),
    "whatif.asked": _("Comparison asked for"),
    "whatif.again": _("Comparison played again"),
    "whatif.cancelled": _("Comparison cancelled"),
    "whatif.ended": _("Comparison ended"),
    "whatif.deleted": _("Comparison deleted"),
    "closure.entered": _("Street closed or slowed"),
    "closure.changed": _("Closure changed"),
    "closure.lifted": _("Closure lifted early"),
    "closure.restored": _("Closure put back"),
    "closure.ended": _("Closure over"),
    "beats.asked": _("Beats asked for"),
    "beats.again": _("Beats made again"),
    "beats.cancelled": _("Beats cancelled"),
    "beats.ended": _("Beats ended"),
    "beats.deleted": _("Beats deleted"),
    "drill.started": _("Replay started"),
    "drill.paused": _("Replay paused"),
    "drill.resumed": _("Replay resumed"),
    "drill.pace": _("Replay pace set"),
    "drill.ended": _("Replay ended"),
}


def label(kind: str) -> str:
    return str(LABELS.get(kind, kind))


SUBJECTS = {
    "user": _("account"),
    "call": _("call"),
    "unit": _("unit"),
    "plan": _("plan"),
    "job": _("job"),
    "log": _("log"),
    "forecast": _("forecast"),
    "history": _("past calls"),
    "import": _("import"),
    "upload": _("file"),
    "drill": _("replay"),
    "whatif": _("comparison"),
    "closure": _("closure"),
    "beats": _("proposed beats"),
    "past": _("past hour"),
    "areas": _("area"),
    "posts": _("post"),
    "exits": _("exit"),
    "units": _("unit (settings)"),
    "terminals": _("vehicle terminal"),
    "unit-kinds": _("kind of unit"),
    "capabilities": _("capability"),
    "call-types": _("call type"),
    "timers": _("time standard"),
    "settings": _("setting"),
    "cycles": _("life cycle"),
    "tracks": _("tracks"),
    "access": _("access events"),
    "all": _("everything"),
}
# What the values in an entry are called, in the order they are told, and of which kind the ids and codes among them are
# (see names.py). PostgreSQL does not keep the order in which they were written.
DETAILS = {
    "areas": _("areas"), "at_device": _("time on the device"), "before": _("needed before"), "callers": _("callers"),
    "calls": _("calls"), "cause": _("reason"), "changes": _("changes"), "count": _("number asked for"),
    "day": _("day"), "days": _("days"),
    "declined": _("declined"),
    "drill": _("replay"), "edit": _("edit"), "entries": _("entries"), "eta_s": _("drive in seconds"),
    "factor": _("factor (0: shut)"),
    "fields": _("fields"), "from": _("from"), "generated": _("generated"), "import": _("import"), "intact": _("whole"),
    "job": _("job"), "lines": _("lines"), "main": _("main call"), "merged": _("merged call"), "moves": _("moves"),
    "old": _("before"), "new": _("after"), "nodes": _("street nodes"), "origin": _("from the hour"),
    "override": _("not as recommended"), "pace": _("pace"), "posts": _("posts"), "result": _("result"),
    "role": _("role"), "row": _("row"), "rows": _("rows"), "services": _("services"), "severity": _("severity"),
    "shift": _("shift"), "source": _("source"), "stand": _("stands at"), "state": _("state"),
    "target": _("passed on to"), "token": _("key"), "type": _("type"), "undo": _("undone"), "undoes": _("undoes"),
    "unit": _("unit"), "units": _("units"), "until": _("until"), "user": _("account"), "what": _("what"),
    "why": _("why"),
}
STANDS_FOR = {
    "user": "user", "unit": "unit", "main": "call", "merged": "call", "old": "state", "new": "state", "state": "state",
    "role": "role", "type": "call-type", "services": "service", "source": "call-source", "result": "call-result",
    "target": "call-target", "cause": "closure-reason",
}
INNER = WORDS | {"assignment"}  # nothing to a reader
SAID_IF_FALSE = {"intact"}  # other flags are told when they are set

HOLDABLE = ("call", "tracks", "access", "all")
BREAKS = {
    "altered": _("An entry was altered."),
    "deleted": _("Entries were deleted."),
    "reordered": _("Entries were reordered."),
    "truncated": _("The end of the log was cut off."),
    "inserted": _("An entry was slipped in."),
    "mismatch": _("The entries do not give the root of their checkpoint."),
}


def about(subject_kind: str) -> str:
    return str(SUBJECTS.get(subject_kind, subject_kind))


def choices() -> list[tuple[str, str]]:
    """Kinds to filter by, in the reader's order of words."""
    return sorted(((code, str(text)) for code, text in LABELS.items()), key=lambda pair: pair[1])
