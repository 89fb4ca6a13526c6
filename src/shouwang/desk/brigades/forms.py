"""What is typed on the pages of teams, members and recruitment. What may be done is decided by the actions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.desk.log.names import ground
from shouwang.desk.workflow.forms import Look

from .actions import Written
from .models import Applicant, Member, Notice, Team
from .terms import (
    ABOUT,
    BREACHES,
    COURSES,
    GEAR,
    HELPS,
    KINDS,
    LEFT,
    MEASURES,
    PRAISES,
    TAUGHT,
    Contract,
    Hired,
    TeamGiven,
    Words,
    ranks,
)

Choices = list[tuple[str, Any]]


class Day(forms.DateField):
    def __init__(self, **given: Any) -> None:
        super().__init__(widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), **given)


class Moment(forms.DateTimeField):
    def __init__(self, **given: Any) -> None:
        super().__init__(widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"), **given)


class Long(forms.CharField):
    def __init__(self, **given: Any) -> None:
        rows = given.pop("rows", 4)
        super().__init__(widget=forms.Textarea({"rows": rows}), **given)


def of(words: Words) -> Choices:
    return [("", _("Choose …")), *words.items()]


class Form(Look, forms.Form):
    """A form whose choices of rows come with it."""

    def choose(self, field: str, rows: Iterable[tuple[Any, Any]]) -> None:
        self.fields[field].choices = [("", _("Choose …")), *rows]  # type: ignore[attr-defined]


class TeamForm(Form):
    zh = forms.CharField(max_length=80, label=_("Name in Chinese"))
    en = forms.CharField(max_length=80, label=_("Name in English"))
    code = forms.CharField(max_length=12, label=_("Code"), help_text=_("By which files name the team"))
    rank = forms.ChoiceField(label=_("Level"))
    parent = forms.ChoiceField(label=_("Belongs to"), required=False)
    area = forms.ChoiceField(label=_("Area"))

    def __init__(self, *args: Any, teams: Iterable[Team], areas: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("rank", [(r.code, str(r)) for r in ranks().values()])
        self.choose("parent", [(t.code, str(t)) for t in teams])
        self.choose("area", [(g.path, "　" * max(0, g.depth) + g.name) for g in ground()
                             if any(g.path.startswith(a) for a in areas)])

    @staticmethod
    def of(row: Team) -> dict[str, Any]:
        return {"zh": row.zh, "en": row.en, "code": row.code, "rank": row.rank, "area": row.area,
                "parent": row.parent.code if row.parent else ""}

    def given(self) -> TeamGiven:
        said = self.cleaned_data
        return TeamGiven(said["code"], said["rank"], said["zh"], said["en"], said["area"], said["parent"])


class LeaderForm(Form):
    member = forms.ChoiceField(label=_("Leader"))


class RulesForm(Form):
    rules = Long(label=_("Working rules"), rows=10, max_length=8000, required=False,
                 help_text=_("Patrol, training, attendance and assessment, reward and penalty"))
    since = Day(label=_("In force from"))


class HelpForm(Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=of(HELPS))
    day = Day(label=_("Day"))
    count = forms.IntegerField(min_value=1, max_value=10_000, initial=1, label=_("How many"))


class JointForm(Form):
    """`people-<team id>`: how many each sends; read by the view."""

    start = Moment(label=_("Patrol begins"))
    end = Moment(label=_("Patrol ends"))


class LessonForm(Form):
    course = forms.ChoiceField(label=_("Kind of course"), choices=of(COURSES))
    taught = forms.ChoiceField(label=_("Subject taught"), choices=of(TAUGHT))
    day = Day(label=_("Day"))
    hours = forms.FloatField(min_value=0.5, max_value=80, initial=4, label=_("Hours"))


PASSED: Choices = [("", _("no test")), ("yes", _("passed")), ("no", _("not passed"))]
PASSED_AS = {"yes": True, "no": False}


class OneLessonForm(LessonForm):
    passed = forms.ChoiceField(required=False, label=_("Test"), choices=PASSED)


class ContractFields(Form):
    badge = forms.CharField(max_length=12, label=_("Badge number"))
    armband = forms.CharField(max_length=12, required=False, label=_("Armband number"))
    contract_no = forms.CharField(max_length=40, required=False, label=_("Contract number"),
                                  help_text=_("A labour contract is signed with every full-time guard"))
    contract_from = Day(required=False, label=_("Contract from"))
    contract_until = Day(required=False, label=_("Contract until"), help_text=_("Empty: without an end"))

    def contract(self) -> Contract:
        said = self.cleaned_data
        return Contract(said["contract_no"], said["contract_from"], said["contract_until"])


class AmendForm(ContractFields):
    @staticmethod
    def of(row: Member) -> dict[str, Any]:
        return {n: getattr(row, n) for n in ("badge", "armband", "contract_no", "contract_from", "contract_until")}


class HireForm(ContractFields):
    kind = forms.ChoiceField(label=_("Kind"), choices=of(KINDS))
    team = forms.ChoiceField(label=_("Team"))
    applicant = forms.ChoiceField(required=False, label=_("Chosen applicant"),
                                  help_text=_("For full-time guards, whose name is then the applicant's"))
    name = forms.CharField(max_length=60, required=False, label=_("Full name"))
    username = forms.CharField(max_length=40, label=_("Sign-in name"),
                               help_text=_("New; for police that of the account they have"))
    since = Day(label=_("Serves from"))
    of_age = forms.BooleanField(required=False, label=_("Age (18 or older) and fitness for the work were checked"))
    field_order = ("kind", "team", "applicant", "name", "username", "badge", "armband", "since", "contract_no",
                   "contract_from", "contract_until", "of_age")

    def __init__(self, *args: Any, teams: Iterable[Team], applicants: Iterable[Applicant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("team", [(t.id, str(t)) for t in teams])
        self.choose("applicant", [(a.id, f"{a.notice.team} {a.number}") for a in applicants])

    def given(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {"team_id": said["team"], "applicant_id": said["applicant"] or None, "of_age": said["of_age"],
                "given": Hired(said["name"], said["username"], said["kind"], said["badge"], said["armband"],
                               said["since"], self.contract())}


class MoveForm(Form):
    team = forms.ChoiceField(label=_("Into the team"))


class LeaveForm(Form):
    why = forms.ChoiceField(label=_("Because of"), choices=of(LEFT))
    because = forms.CharField(max_length=500, label=_("Reason"))


class GearForm(Form):
    gear = forms.ChoiceField(label=_("Equipment"), choices=of(GEAR))
    number = forms.CharField(max_length=40, required=False, label=_("Its number"))
    day = Day(label=_("Handed out on"))
    expires_on = Day(required=False, label=_("Good until"), help_text=_("Empty: as long as its kind is"))


class PraiseForm(Form):
    kind = forms.ChoiceField(label=_("Commended for"), choices=of(PRAISES))
    day = Day(label=_("Day"))
    reference = forms.CharField(max_length=40, label=_("Number of the document"))


class CaseForm(Form):
    breach = forms.ChoiceField(label=_("Breach"), choices=of(BREACHES))
    day = Day(label=_("Day on which it happened"))
    grounds = Long(label=_("Grounds"), max_length=2000, help_text=_("Sealed; the member reads them and may answer"))


class HearForm(Form):
    statement = Long(label=_("What the member says to it"), max_length=2000)


class DecideForm(Form):
    measure = forms.ChoiceField(label=_("Measure"), choices=of(MEASURES))
    decision = Long(label=_("Reasons of the decision"), max_length=2000)


class AskForm(Form):
    about = forms.ChoiceField(label=_("About"), choices=of(ABOUT))
    text = Long(label=_("What is wrong, and how it should be"), max_length=2000)


class AnswerForm(Form):
    answer = Long(label=_("Reply"), max_length=2000)


class NoticeForm(Form):
    title = forms.CharField(max_length=80, label=_("Title"))
    team = forms.ChoiceField(label=_("Team"))
    places = forms.IntegerField(min_value=1, max_value=1000, label=_("Places"))
    criteria = Long(label=_("Criteria"), rows=8, max_length=4000,
                    help_text=_("What is asked of everybody, what comes first, what is offered"))
    office = forms.CharField(max_length=120, label=_("Where to apply and to object"),
                             help_text=_("Office and telephone, nobody by name"))
    closes_on = Day(label=_("Last day for applications"))

    def __init__(self, *args: Any, teams: Iterable[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("team", [(t.id, str(t)) for t in teams])

    @staticmethod
    def of(row: Notice) -> dict[str, Any]:
        names = ("title", "places", "criteria", "office", "closes_on")
        return {n: getattr(row, n) for n in names} | {"team": row.team_id}

    def given(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {"team_id": said["team"], "given": Written(said["title"], said["places"], said["criteria"],
                                                          said["office"], said["closes_on"])}


class ApplyForm(Form):
    name = forms.CharField(max_length=60, label=_("Full name"), help_text=_("Sealed"))
    phone = forms.CharField(max_length=30, required=False, label=_("Telephone"), help_text=_("Sealed"))
    priority = forms.BooleanField(required=False, label=_("A rule of priority was applied"))


class ObjectForm(Form):
    applicant = forms.ChoiceField(required=False, label=_("Against"))
    said = Long(label=_("Objection"), max_length=2000, help_text=_("Sealed; who made it is not kept"))
