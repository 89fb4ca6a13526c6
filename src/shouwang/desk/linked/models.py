"""What linked agencies are asked for, and what was said about it, sealed with the call."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from shouwang.desk.log.ids import new_id

from .terms import ENDED


class Task(models.Model):
    """One agency's part in one call; `state` follows the life cycle `linked_task`. No person of the agency: whoever
    holds its link answers for it."""

    STATES = ("sent", "acknowledged", "refused", "enroute", "on_scene", "done", "confirmed", "withdrawn")
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    call = models.UUIDField(db_index=True)
    agency = models.CharField(max_length=40)  # its code in the table
    area = models.CharField(max_length=200, db_index=True)  # the call's
    severity = models.PositiveSmallIntegerField()  # the call's when it was sent
    state = models.CharField(max_length=16, default="sent")
    sent_at = models.DateTimeField()
    sent_by = models.CharField(max_length=64)  # an actor's id
    ack_due = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    report_due = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    late = models.CharField(max_length=8, blank=True)  # the deadline that was missed and passed up: ack, report
    escalated_at = models.DateTimeField(null=True)
    link = models.PositiveIntegerField(default=1)  # the number of the link that opens it; older ones open nothing
    link_until = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["state", "ack_due"], name="linked_task_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("sent", "acknowledged", "refused", "enroute", "on_scene", "done", "confirmed",
                                       "withdrawn")), name="linked_task_state"),
            models.CheckConstraint(condition=Q(ended_at__isnull=True) ^ Q(state__in=ENDED), name="linked_task_ended"),
            models.CheckConstraint(condition=Q(late__in=("", "ack", "report")), name="linked_task_late"),
            models.UniqueConstraint(fields=["call", "agency"], condition=Q(ended_at__isnull=True),
                                    name="linked_task_one_open"),
        ]


class Seat(models.Model):
    """An account that answers for an agency: it sees the tasks of that one alone."""

    user = models.UUIDField(primary_key=True, editable=False)
    agency = models.CharField(max_length=40)  # its code in the table


class Said(models.Model):
    """Words about a task (what is asked, why not, what came of it), sealed under the call's own key and so deleted with
    its words. The id is that of the event they belong to."""

    id = models.UUIDField(primary_key=True, editable=False)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="said")
    at = models.DateTimeField()
    by = models.CharField(max_length=64)  # an actor's id: staff, or agency:CODE
    text = models.BinaryField()
