"""Pages of data quality: how right each step leaves its records, what is to be mended this week, and the rules."""
from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.log.ids import new_id
from shouwang.desk.places import facts as places
from shouwang.desk.workflow import tables

from . import actions, facts
from .forms import SPANS, wanted, weeks
from .models import Finding
from .rules import Rule, rules, steps
from .terms import FEWEST, KINDS, MAY, STATES, WHYS

A_PAGE = 50
SEEN_BY = {"call": "call.view", "matter": "matter.view", "mediation": "mediation.register"}
WHERE = {"call": "/board/#%s", "matter": "/matters/%s/", "mediation": "/mediation/%s/"}


@require_GET
@never_cache
@needs(MAY)
def scores(request: HttpRequest) -> HttpResponse:
    """By step and area: how many records were left right, and how sure that is."""
    who, now, span = actor(request), timezone.now(), weeks(request.GET, 5)
    areas = who.areas(MAY)
    found = facts.scores(areas, now, span)
    names = places.area_names()
    groups: list[dict[str, Any]] = []
    for score in found:
        row = {"it": score, "area": names[score.area].name if score.area in names else _("Elsewhere"),
               "few": score.share.records < FEWEST}
        if score.area == "":
            groups.append({"step": score.step, "all": row, "rows": []})
        else:
            groups[-1]["rows"].append(row)
    return render(request, "quality/scores.html", {
        "groups": [{"kind": label, "steps": [g for g in groups if g["step"].kind == kind]}
                   for kind, label in KINDS.items()],
        "weeks": [{"week": w.monday, "shares": [w.shares.get(kind) for kind in KINDS]}
                  for w in facts.weeks(areas, now, max(span, 8))],
        "kinds": KINDS, "span": span, "spans": SPANS, "look": facts.last_look(), "fewest": FEWEST,
        "open": facts.findings(areas, wanted({"weeks": str(span)}), now).count()})


@require_http_methods(["GET", "POST"])
@never_cache
@needs(MAY)
def listed(request: HttpRequest) -> HttpResponse:
    """The list to mend, week by week; by plain forms, so that it works when scripts do not."""
    who, now, fault = actor(request), timezone.now(), ""
    if request.method == "POST":
        try:
            _decide(who, request.POST)
            return redirect(f"{reverse('quality.list')}?{request.GET.urlencode()}")
        except Refused as error:
            fault = str(error.message)
    asked = wanted(request.GET.dict())
    rows = facts.findings(who.areas(MAY), asked, now)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    names = places.area_names()
    kept = {k: v for k, v in request.GET.items() if k != "page"}
    return render(request, "quality/list.html", {
        "asked": asked, "page": page, "fault": fault, "query": urlencode(kept), "spans": SPANS,
        "states": {"": _("All"), **STATES}, "steps": steps().values(), "whys": WHYS,
        "step": f"{asked.kind}:{asked.step}" if asked.step else "",
        "by_rule": [{"rule": rules()[r], "n": n} for r, n in facts.by_rule(rows).items() if r in rules()],
        "areas": [a for a in places.areas("control_area") if any(a.area.startswith(p) for p in who.areas(MAY))],
        "rows": [_row(f, who, names) for f in page]}, status=422 if fault else 200)


def _decide(who: Actor, post: Any) -> None:
    given: dict[str, Any] = {"actor": who, "now": timezone.now(), "finding_id": _uuid(post.get("finding", "")),
             "key": _uuid(post.get("key", ""))}
    if post.get("do") == "reopen":
        actions.reopen(**given)
    else:
        actions.accept(**given, why=post.get("why", ""), reason=post.get("reason", "")[:500])


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Missing(_("There is no such finding in your areas."), code="finding") from None


def _row(finding: Finding, who: Actor, names: dict[str, places.Spot]) -> dict[str, Any]:
    """A finding with the way back to the record, for those who may see it."""
    rule: Rule | None = rules().get(finding.rule)
    step = steps().get((finding.kind, finding.step))
    area = names.get(finding.area) or names.get(facts.desk_of(finding.area))
    url = WHERE[finding.kind] % finding.record if who.may(SEEN_BY[finding.kind], finding.area) else ""
    return {"it": finding, "rule": rule or finding.rule, "step": step or finding.step, "kind": KINDS[finding.kind],
            "desk": step.desk if step else "", "area": area.name if area else _("Elsewhere"), "url": url,
            "key": new_id(),
            "mend": rule.mend if rule else "", "state": STATES[finding.state], "why": WHYS.get(finding.why, "")}


@require_GET
@needs(MAY)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """The list as it is asked for, as a file: csv or xlsx."""
    tables.known(kind)
    who, now, names = actor(request), timezone.now(), places.area_names()
    head = [_("Week of"), _("Record"), _("Record number"), _("Rule number"), _("What is wrong"), _("Step"), _("Desk"),
            _("Area"), _("Step done"), _("State"), _("Why accepted"), _("How to mend it")]
    table: list[list[Any]] = [head]
    for finding in facts.findings(who.areas(MAY), wanted(request.GET.dict()), now):
        r = _row(finding, who, names)
        table.append([f"{finding.week}", str(r["kind"]), finding.number, finding.rule, str(r["rule"]), str(r["step"]),
                      r["desk"], r["area"], f"{timezone.localtime(finding.made_at):%Y-%m-%d %H:%M:%S}",
                      str(r["state"]), str(r["why"]), r["mend"]])
    return tables.answer(table, f"quality-{timezone.localtime(now):%Y-%m-%d}", kind)


@require_GET
@needs(MAY)
def all_rules(request: HttpRequest) -> HttpResponse:
    """Every rule, by step."""
    return render(request, "quality/rules.html", {"groups": [
        {"step": step, "kind": KINDS[step.kind], "rules": [r for r in rules().values()
                                                          if (r.kind, r.step) == (step.kind, step.id)]}
        for step in steps().values()]})
