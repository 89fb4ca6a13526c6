"""The words of this room: ranks of teams, kinds of members, and fixed lists of what may be recorded about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shouwang.desk.workflow.defaults import split, table

SEE, HIRE, DISCIPLINE = "team.manage", "member.hire", "member.discipline"
Words = Mapping[str, Promise]
KINDS: Words = {"police": _("Police officer"), "full_time_guard": _("Full-time guard"),
                "property_guard": _("Property guard"), "volunteer": _("Volunteer")}  # fmt: skip
ROLE_OF = {"full_time_guard": "guard", "property_guard": "guard", "volunteer": "volunteer"}  # police have their own
# What who leads a team of each level holds in its area.
LEADS_AS = {"brigade": "patrol_leader", "squadron": "squadron_leader", "subarea_team": "team_leader",
            "team_urban": "team_leader", "team_village": "team_leader"}
# The service of units that each kind goes out with.
SERVICE_OF = {"police": "police", "full_time_guard": "guard", "property_guard": "guard", "volunteer": "volunteer"}
# Months a piece is good for; the maker's own date goes before. 0: as long as it holds.
GEAR_MONTHS = {"badge": 0, "armband": 12, "uniform": 24, "coat": 36, "rain_suit": 24, "vest": 24, "stab_vest": 60,
               "helmet": 30, "torch": 24, "radio": 60, "first_aid_kit": 24}  # fmt: skip
GEAR: Words = {
    "badge": _("Numbered badge"), "armband": _("Red armband"), "uniform": _("Uniform"), "coat": _("Winter coat"),
    "rain_suit": _("Rain suit"), "vest": _("Reflective vest"), "stab_vest": _("Stab vest"), "helmet": _("Helmet"),
    "torch": _("Torch"), "radio": _("Radio"), "first_aid_kit": _("First-aid kit"),
}  # fmt: skip
RETURNED: Words = {"good": _("in order"), "worn": _("worn out"), "broken": _("broken"), "lost": _("lost")}
COURSES: Words = {"first": _("before the first duty"), "yearly": _("yearly"), "extra": _("further")}
TAUGHT: Words = {
    "law": _("Law"), "duties": _("Duties, rules and procedure"), "hazards": _("Finding problems and hazards"),
    "conduct": _("Conduct and discipline"), "second_skill": _("Second skill"), "first_aid": _("First aid"),
    "fitness": _("Drill and fitness"),
}  # fmt: skip
FIRST = ("law", "duties", "hazards")  # passed before the first duty
YEARLY_DAYS = 366
SKILLS = ("first_aid", "second_skill")  # what a turn may ask for; for a year after the test was passed
PRAISES: Words = {"courage": _("Courage"), "duty": _("Outstanding duty"), "help": _("Help to residents"),
                  "idea": _("Good idea"), "year": _("Commended for the year")}  # fmt: skip
BREACHES: Words = {
    "late": _("Late for duty"), "left_post": _("Left the post"), "order": _("Order not followed"),
    "unmarked": _("Without badge or armband"), "impolite": _("Impolite"), "secret": _("Told what is to be kept"),
    "money": _("Took or asked for money"), "shielding": _("Shielded an offence"),
    "overstep": _("Searched or held somebody"), "unlawful": _("Other breach of the law"),
}  # fmt: skip
MEASURES: Words = {"none": _("Nothing to be done"), "talk": _("Talk"), "warning": _("Formal warning"),
                   "serious": _("Serious warning"), "dismissal": _("Dismissal")}  # fmt: skip
LEFT: Words = {"wish": _("own wish"), "contract": _("end of the contract"), "dismissed": _("dismissed"),
               "unfit": _("unfit for the work"), "retired": _("retired"), "moved": _("other service")}  # fmt: skip
ABOUT: Words = {"name": _("Name or number"), "contract": _("Contract"), "gear": _("Equipment"),
                "training": _("Training"), "attendance": _("Attendance"), "conduct": _("Commendation or discipline"),
                "other": _("Something else")}  # fmt: skip
HELPS: Words = {"deed": _("Helpful deeds"), "rescue": _("People helped in need"), "paper": _("Certificates"),
                "letter": _("Letters of thanks"), "banner": _("Banners")}  # fmt: skip
NOTICE_STATES: Words = {"draft": _("Draft"), "open": _("Taking applications"), "posted": _("Result posted"),
                        "done": _("Completed"), "cancelled": _("Cancelled")}  # fmt: skip
APPLICANT_STATES: Words = {"applied": _("applied"), "chosen": _("chosen"), "not_chosen": _("not chosen"),
                           "withdrawn": _("withdrawn"), "hired": _("hired")}  # fmt: skip
CASE_STATES: Words = {"proposed": _("To be decided"), "decided": _("Decided"), "withdrawn": _("Withdrawn")}
CAME: Words = {"came": _("on time"), "late": _("came late"), "missed": _("absent"), "due": _("to come")}
LISTS = {"gear": GEAR, "returned": RETURNED, "course": COURSES, "taught": TAUGHT, "praise": PRAISES,
         "breach": BREACHES, "measure": MEASURES, "left": LEFT, "about": ABOUT, "help": HELPS, "kind": KINDS,
         "came": CAME, "case": CASE_STATES}


@dataclass(frozen=True)
class Rank:
    """A level of brigade. `leader_kind`: what kind of member leads it, "" for any."""

    code: str
    level: int
    zh: str
    en: str
    rule_zh: str
    rule_en: str
    by_zh: str
    by_en: str
    composition: tuple[str, ...]
    leader_kind: str

    def __str__(self) -> str:
        return self.zh if _chinese() else self.en

    @property
    def rule(self) -> str:
        return self.rule_zh if _chinese() else self.rule_en

    @property
    def managed_by(self) -> str:
        return self.by_zh if _chinese() else self.by_en


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


# Levels 1 and 2 are led by police (named by the bureau, a deputy station head, the area officer), an urban team by a
# full-time guard; whom a village chooses is its own matter.
_LED_BY = {"brigade": "police", "squadron": "police", "subarea_team": "police", "team_urban": "full_time_guard"}


@cache
def ranks() -> dict[str, Rank]:
    return {r["code"]: Rank(r["code"], int(r["level"]), r["zh"], r["en"], r["leader_rule_zh"], r["leader_rule_en"],
                            r["managed_by_zh"], r["managed_by_en"], tuple(split(r["composition"])),
                            _LED_BY.get(r["code"], "")) for r in table("brigade_ranks")}


@dataclass(frozen=True)
class TeamGiven:
    """A team as written down. `parent`: code of the team above, "" for none."""

    code: str
    rank: str
    zh: str
    en: str
    area: str
    parent: str = ""


@dataclass(frozen=True)
class Contract:
    number: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Hired:
    """A new member as written down. `username`: of a new account; for police of the account they have."""

    name: str
    username: str
    kind: str
    badge: str
    armband: str
    since: date
    contract: Contract = Contract()
