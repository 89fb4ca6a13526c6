"""Units as plain values."""
from __future__ import annotations

from .models import Duty


def unit_of_user(user_id: str) -> str:
    """The unit a person is clocked on with now, "" for none."""
    found = Duty.objects.filter(user=user_id, off_at__isnull=True).values_list("unit_id", flat=True).first()
    return str(found) if found else ""
