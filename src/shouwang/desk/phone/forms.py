"""What a phone sends: one act from its outbox."""
from __future__ import annotations

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _


class ActForm(forms.Form):
    """kind: move (a step of a task), cannot (the crew cannot go), tour (a step of the tour), seen and there (a
    stand-by), panic, message and photo (to the desk, about the call of a task), well (the crew
    answers that it is), report (of a matter, whose parts lie in `report` beside
    these). `at` is the phone's own time."""

    key = forms.UUIDField()
    kind = forms.ChoiceField(choices=[(k, k) for k in ("move", "cannot", "tour", "seen", "there", "panic", "report",
                                                       "message", "photo", "well")])
    at = forms.CharField(max_length=40)
    assignment = forms.UUIDField(required=False)
    transition = forms.CharField(max_length=24, required=False)
    reason = forms.CharField(max_length=500, required=False)
    tour = forms.UUIDField(required=False)
    number = forms.IntegerField(min_value=0, max_value=10_000, required=False)
    step = forms.CharField(max_length=16, required=False)
    photo = forms.CharField(max_length=12_000_000, required=False)
    lon = forms.FloatField(min_value=-180, max_value=180, required=False)
    lat = forms.FloatField(min_value=-90, max_value=90, required=False)

    def clean_at(self) -> datetime:
        try:
            at = datetime.fromisoformat(str(self.cleaned_data["at"]).replace("Z", "+00:00"))
        except ValueError:
            raise forms.ValidationError(_("A time like 2026-11-21T22:46:10Z is needed.")) from None
        if at.tzinfo is None:
            raise forms.ValidationError(_("The time needs its zone."))
        return at
