"""Staffing norms with the day they take effect; what was counted in communities and villages; a village's contracts."""
from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from shouwang.desk.log.ids import new_id
from shouwang.desk.places.models import Named
from shouwang.desk.workflow.origins import origin


class Norm(Named):
    """One wording of a norm (life cycle `norm`). In force on a day is the approved one that took effect last.

    `rule`: the fields of engine.norms.Norm. Money is that of the place, in whole units: what a guard costs a year,
    as the drafter stated it, and the town's share of it in villages, without which a cost there cannot be decided."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=40)
    rule = models.JSONField()
    from_day = models.DateField()
    state = models.CharField(max_length=12, default="draft", db_index=True)
    source = models.CharField(max_length=60, blank=True)
    guard_year_cost = models.PositiveIntegerField(null=True)
    town_percent = models.PositiveSmallIntegerField(null=True)
    reason = models.BinaryField(default=b"")  # why it is proposed: the drafter's words, sealed
    made_by = models.CharField(max_length=64, blank=True)  # "" for those that came with this version
    made_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    @property
    def origin(self) -> str:
        """The document it was made after, in words; "" for one that was drafted here."""
        return "" if self.made_by else origin(self.source)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "from_day"], condition=Q(state="approved"),
                                    name="norms_norm_one_a_day"),
            models.CheckConstraint(condition=Q(town_percent=None) | Q(town_percent__lte=100),
                                   name="norms_norm_percent"),
        ]


class Locality(Named):
    """A community or village that norms are kept in. `area`: the path of the area it is, or lies in; `grade`: the class
    of how complicated the place is."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=24, unique=True)  # by which files name it
    kind = models.CharField(max_length=12, db_index=True)  # community, village
    area = models.CharField(max_length=200, db_index=True)
    grade = models.CharField(max_length=8, default="plain")
    office_place = models.CharField(max_length=120, blank=True)  # where the safety office is
    contact = models.BinaryField(default=b"")  # sealed: who answers for the office, and the office's telephone
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)


class Count(models.Model):
    """What was counted in a locality on a day, and who says so: numbers, never whom. `management` is how far its
    housing is property-managed. guards, contacts, officers: None where the centre's own registers tell them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    locality = models.ForeignKey(Locality, on_delete=models.CASCADE, related_name="counts")
    day = models.DateField()
    households = models.PositiveIntegerField()
    residents = models.PositiveIntegerField(null=True)  # one total
    management = models.CharField(max_length=8, blank=True)  # none, partial, full; "" for villages
    groups = models.PositiveSmallIntegerField(null=True)  # villagers' groups
    guards = models.PositiveSmallIntegerField(null=True)
    contacts = models.PositiveSmallIntegerField(null=True)
    officers = models.PositiveSmallIntegerField(null=True)
    source = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["locality", "day"], name="norms_count_one_a_day")]


class Contract(models.Model):
    """What a village or community has agreed with an office or firm for a time: prevention (security) or legal advice
    (adviser). Its end may come early (`ended_on`)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    locality = models.ForeignKey(Locality, on_delete=models.PROTECT, related_name="contracts")
    kind = models.CharField(max_length=12)  # security, adviser
    number = models.CharField(max_length=40, unique=True)
    body = models.CharField(max_length=80)  # the office or firm
    contact = models.BinaryField(default=b"")  # sealed: office contact of that body
    terms = models.CharField(max_length=500)  # work agreed
    from_day = models.DateField()
    until = models.DateField(db_index=True)  # its last day
    ended_on = models.DateField(null=True)
    example = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(until__gte=F("from_day")), name="norms_contract_order")]


class Payment(models.Model):
    """A sum of a contract, due on a day and paid on another, in whole units of money."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="payments")
    due = models.DateField(db_index=True)
    amount = models.PositiveIntegerField()
    paid_on = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)


class Tick(models.Model):
    """An item of safe-village building that somebody has looked at: done or not, on a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    locality = models.ForeignKey(Locality, on_delete=models.CASCADE, related_name="ticks")
    item = models.CharField(max_length=24)
    done = models.BooleanField()
    day = models.DateField()
    by = models.CharField(max_length=64)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["locality", "item"], name="norms_tick_once")]


class Tally(models.Model):
    """What was counted in the district on a day for a norm that no register tells: a number and who says so."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=40)  # of the norm
    day = models.DateField()
    count = models.PositiveIntegerField()
    source = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "day"], name="norms_tally_one_a_day")]
