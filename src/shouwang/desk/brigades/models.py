"""Brigades: teams at three levels, their members, what these hold, learn and are told, and how they are recruited.

A member is an account (people.User) in a team. Nobody is measured here: no mark, no points, only what was done."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from shouwang.desk.log.ids import new_id
from shouwang.desk.places.models import Named


class Team(Named):
    """A brigade, squadron or team (brigade_ranks.csv) in its area. `leader`: account of one of its members; `lent`: the
    role that this office gave them in the area, "" where they hold none by it; `rules`: the working rules agreed here,
    for it and the teams below it that have none of their own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=12, unique=True)  # by which files name it
    rank = models.CharField(max_length=16)
    area = models.CharField(max_length=200, db_index=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="below")
    leader = models.UUIDField(null=True)
    lent = models.CharField(max_length=40, blank=True)
    rules = models.TextField(blank=True)
    rules_since = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)


class Member(models.Model):
    """An account in a team, from hiring to leaving. Badge and armband numbers are worn on every patrol."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.UUIDField(db_index=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="members")
    kind = models.CharField(max_length=16)
    badge = models.CharField(max_length=12, unique=True)
    armband = models.CharField(max_length=12, blank=True)
    since = models.DateField()
    contract_no = models.CharField(max_length=40, blank=True)
    contract_from = models.DateField(null=True)
    contract_until = models.DateField(null=True, db_index=True)
    left_at = models.DateTimeField(null=True, db_index=True)
    left_why = models.CharField(max_length=12, blank=True)  # of a fixed list
    version = models.PositiveIntegerField(default=1)
    example = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(left_at=None), name="brigades_member_in_one_team"),
            models.UniqueConstraint(fields=["armband"], condition=Q(left_at=None) & ~Q(armband=""),
                                    name="brigades_member_armband"),
            models.CheckConstraint(condition=Q(contract_until=None) | Q(contract_until__gte=F("contract_from")),
                                   name="brigades_member_contract"),
        ]


class Issue(models.Model):
    """A piece of equipment in a member's hands, until it is given back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="issues")
    gear = models.CharField(max_length=16)
    number = models.CharField(max_length=40, blank=True)
    issued_on = models.DateField()
    expires_on = models.DateField(null=True)
    returned_on = models.DateField(null=True)
    returned_how = models.CharField(max_length=8, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(returned_on=None) | Q(returned_on__gte=F("issued_on")),
                                              name="brigades_issue_order")]


class Training(models.Model):
    """A member at a lesson. `passed`: of its test; None where there was none."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="trainings")
    course = models.CharField(max_length=8)  # first, yearly, extra
    taught = models.CharField(max_length=16)
    day = models.DateField()
    hours = models.FloatField()
    passed = models.BooleanField(null=True)


class Praise(models.Model):
    """A commendation, by the number of the document that says what for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="praises")
    kind = models.CharField(max_length=12)
    day = models.DateField()
    reference = models.CharField(max_length=40)
    given_by = models.CharField(max_length=64)


class Case(models.Model):
    """A matter of discipline: proposed with its grounds, the member heard, decided by somebody else. All words are
    sealed under the case's own key."""

    id = models.UUIDField(primary_key=True, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="cases")
    breach = models.CharField(max_length=16)
    day = models.DateField()  # on which it happened
    state = models.CharField(max_length=10, default="proposed")
    grounds = models.BinaryField()
    proposed_by = models.CharField(max_length=64)
    proposed_at = models.DateTimeField()
    hear_until = models.DateTimeField()
    statement = models.BinaryField(default=b"")
    heard_at = models.DateTimeField(null=True)
    measure = models.CharField(max_length=12, blank=True)
    decision = models.BinaryField(default=b"")
    decided_by = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=("proposed", "decided", "withdrawn")),
                                   name="brigades_case_state"),
            models.CheckConstraint(condition=~Q(state="decided") | (~Q(decided_by=F("proposed_by"))
                                                                    & Q(decided_at__isnull=False)),
                                   name="brigades_case_two_people"),
            models.CheckConstraint(condition=~Q(state="decided") | Q(heard_at__isnull=False)
                                   | Q(decided_at__gt=F("hear_until")), name="brigades_case_heard"),
        ]


class Correction(models.Model):
    """A member says that something about them is wrong; somebody answers. Words sealed."""

    id = models.UUIDField(primary_key=True, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="corrections")
    about = models.CharField(max_length=12)
    words = models.BinaryField()
    asked_at = models.DateTimeField()
    mended = models.BooleanField(null=True)
    answer = models.BinaryField(default=b"")
    answered_by = models.CharField(max_length=64, blank=True)
    answered_at = models.DateTimeField(null=True)


class Notice(models.Model):
    """A public notice of recruitment. It says what is asked of everybody, and where to apply and to object: an office,
    nobody by name."""

    id = models.UUIDField(primary_key=True, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="notices")
    title = models.CharField(max_length=80)
    places = models.PositiveSmallIntegerField()
    criteria = models.TextField()
    office = models.CharField(max_length=120)
    state = models.CharField(max_length=10, default="draft")
    closes_on = models.DateField()  # last day for applications
    opened_at = models.DateTimeField(null=True)
    posted_at = models.DateTimeField(null=True)
    objections_until = models.DateField(null=True)  # last day
    ended_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=64)
    version = models.PositiveIntegerField(default=1)
    example = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=("draft", "open", "posted", "done", "cancelled")),
                                   name="brigades_notice_state"),
            models.CheckConstraint(condition=~Q(state__in=("posted", "done")) | Q(objections_until__isnull=False),
                                   name="brigades_notice_posted"),
        ]


class Applicant(models.Model):
    """Somebody who applied: a number on the list, the name and telephone sealed. Deleted half a year after the
    decision. `priority`: that a rule of priority was applied, never which."""

    id = models.UUIDField(primary_key=True, editable=False)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="applicants")
    number = models.PositiveSmallIntegerField()
    name = models.BinaryField()
    phone = models.BinaryField(default=b"")
    priority = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default="applied")  # applied, chosen, not_chosen, withdrawn, hired
    decided_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "number"], name="brigades_applicant_number")]


class Objection(models.Model):
    """What somebody holds against a posted result. Words and answer sealed; who said it is not kept."""

    id = models.UUIDField(primary_key=True, editable=False)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="objections")
    applicant = models.ForeignKey(Applicant, null=True, on_delete=models.CASCADE, related_name="objections")
    words = models.BinaryField()
    at = models.DateTimeField()
    upheld = models.BooleanField(null=True)
    answer = models.BinaryField(default=b"")
    answered_by = models.CharField(max_length=64, blank=True)
    answered_at = models.DateTimeField(null=True)


class Help(models.Model):
    """Help that a team gave, counted. Nobody who gave or got it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="helped")
    kind = models.CharField(max_length=12)
    day = models.DateField(db_index=True)
    count = models.PositiveIntegerField()
    by = models.CharField(max_length=64)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(count__gte=1), name="brigades_help_some")]


class JointPatrol(models.Model):
    """A patrol of several teams together, one of them in the lead."""

    id = models.UUIDField(primary_key=True, editable=False)
    area = models.CharField(max_length=200, db_index=True)
    lead = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="leads")
    start = models.DateTimeField(db_index=True)
    end = models.DateTimeField()
    called_off = models.BooleanField(default=False)
    made_by = models.CharField(max_length=64)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(end__gt=F("start")), name="brigades_jointpatrol_order")]


class JointPart(models.Model):
    """How many people a team sends on a joint patrol."""

    patrol = models.ForeignKey(JointPatrol, on_delete=models.CASCADE, related_name="parts")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="parts")
    people = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patrol", "team"], name="brigades_jointpart_once"),
                       models.CheckConstraint(condition=Q(people__gte=1), name="brigades_jointpart_some")]
