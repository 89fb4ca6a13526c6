"""A member's own record as a file, and the list of members."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from . import facts
from .actions import Said
from .models import Issue, Member
from .terms import ABOUT, BREACHES, CAME, COURSES, GEAR, KINDS, LEFT, MEASURES, PRAISES, RETURNED, TAUGHT


def own(row: Member, said: Said, now: datetime) -> dict[str, Any]:
    """All that is kept of a member, words about them too, as plain values with codes."""
    all_of = facts.record(row, now)
    return {
        "member": {n: getattr(row, n) for n in ("kind", "badge", "armband", "since", "contract_no", "contract_from",
                                                "contract_until", "left_at", "left_why")}
        | {"team": str(row.team)},
        "certificate": {"since": all_of.work.since, "until": all_of.work.until, "lacks": all_of.work.lacks},
        "equipment": [{n: getattr(i, n) for n in ("gear", "number", "issued_on", "expires_on", "returned_on",
                                                  "returned_how")} for i in all_of.issues],
        "training": [{n: getattr(t, n) for n in ("course", "taught", "day", "hours", "passed")}
                     for t in all_of.trainings],
        "attendance": [{"start": t.start, "end": t.end, "how": how} for t, how in all_of.turns],
        "commendations": [{n: getattr(p, n) for n in ("kind", "day", "reference")} for p in all_of.praises],
        "discipline": [{n: getattr(c, n) for n in ("breach", "day", "state", "proposed_at", "hear_until", "heard_at",
                                                   "measure", "decided_at")}
                       | dict(zip(("grounds", "statement", "decision"), said.cases[c.id], strict=True))
                       for c in all_of.cases],
        "corrections": [{"about": c.about, "asked_at": c.asked_at, "answered_at": c.answered_at, "mended": c.mended}
                        | dict(zip(("words", "answer"), said.corrections[c.id], strict=True))
                        for c in all_of.corrections],
    }  # fmt: skip


def own_json(row: Member, said: Said, now: datetime) -> str:
    return json.dumps(own(row, said, now), ensure_ascii=False, indent=1, default=str)


def own_rows(row: Member, said: Said, now: datetime) -> list[Sequence[object]]:
    """The same for a spreadsheet: part, day, what, more."""
    it = facts.record(row, now)
    test = {None: _("no test"), True: _("passed"), False: _("not passed")}
    rows: list[Sequence[object]] = [
        (_("Part"), _("Day"), _("Content"), _("More")),
        (_("Member"), row.since, KINDS[row.kind], str(row.team)), (_("Badge number"), "", row.badge, ""),
        (_("Armband number"), "", row.armband, ""),
        (_("Contract"), row.contract_from or "", row.contract_no, row.contract_until or ""),
        *((_("Equipment"), i.issued_on, f"{GEAR[i.gear]} {i.number}".strip(), _until(i)) for i in it.issues),
        *((_("Training"), t.day, TAUGHT[t.taught], " / ".join(
            [str(COURSES[t.course]), _("%(n)s hours") % {"n": f"{t.hours:g}"}, test[t.passed]])) for t in it.trainings),
        *((_("Attendance"), localtime(t.start), CAME[how], localtime(t.end)) for t, how in it.turns),
        *((_("Commendation"), p.day, PRAISES[p.kind], p.reference) for p in it.praises),
        *((_("Discipline"), c.day, BREACHES[c.breach], " / ".join(
            [str(MEASURES.get(c.measure, "")), *said.cases[c.id]])) for c in it.cases),
        *((_("Correction"), localtime(c.asked_at), ABOUT[c.about], " / ".join(said.corrections[c.id]))
          for c in it.corrections),
        *([(_("Left"), localtime(row.left_at), LEFT[row.left_why], "")] if row.left_at else []),
    ]  # fmt: skip
    return [[v if isinstance(v, str) else f"{v:%Y-%m-%d %H:%M}" if isinstance(v, datetime) else str(v) for v in line]
            for line in rows]


def _until(piece: Issue) -> str:
    if piece.returned_on:
        return f"{_('given back')} {piece.returned_on} {RETURNED[piece.returned_how]}"
    return f"{_('good until')} {piece.expires_on}" if piece.expires_on else ""


def members(rows: Sequence[facts.MemberFact]) -> list[list[object]]:
    """The columns an import takes, and more."""
    told: list[list[object]] = [["badge", "armband", "name", "team", "kind", "since", _("Kind"), _("Team")]]
    told += [[m.badge, m.armband, m.name, m.team.code, m.kind, m.since.isoformat(), m.kind_name, str(m.team)]
             for m in rows]
    return told
