"""What a phone sends: one act from its outbox."""
from __future__ import annotations

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from .terms import MOST_PER_DAY, PointGiven


class ActForm(forms.Form):
    """kind: move (a step of a task), cannot (the crew cannot go), tour (a step of the tour), seen and there (a
    stand-by), panic, pair (a second person is asked for), message and photo (to the desk, about the call of a task),
    well (the crew answers that it is), report (of a matter, whose parts lie in `report` beside these), on and off
    (duty), check (a check point was seen), note. `at` is the phone's own time."""

    key = forms.UUIDField()
    kind = forms.ChoiceField(choices=[(k, k) for k in ("move", "cannot", "tour", "seen", "there", "panic", "report",
                                                       "message", "photo", "well", "pair", "on", "off", "check",
                                                       "note")])
    at = forms.CharField(max_length=40)
    assignment = forms.UUIDField(required=False)
    transition = forms.CharField(max_length=24, required=False)
    reason = forms.CharField(max_length=500, required=False)
    tour = forms.UUIDField(required=False)
    number = forms.IntegerField(min_value=0, max_value=10_000, required=False)
    step = forms.CharField(max_length=16, required=False)
    photo = forms.CharField(max_length=12_000_000, required=False)
    unit = forms.UUIDField(required=False)
    point = forms.CharField(max_length=12, required=False)
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


class WishForm(forms.Form):
    """Days on which a member would rather be off or on."""

    kind = forms.CharField(max_length=12)
    first = forms.DateField()
    last = forms.DateField()
    shift = forms.CharField(max_length=5, required=False)


class PointForm(forms.Form):
    """A new check point; its place as the map gives it."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    zh = forms.CharField(max_length=80)
    en = forms.CharField(max_length=80, required=False)
    lon = forms.FloatField(min_value=-180, max_value=180)
    lat = forms.FloatField(min_value=-90, max_value=90)
    per_day = forms.IntegerField(min_value=1, max_value=MOST_PER_DAY)

    def given(self) -> PointGiven:
        return PointGiven(**{name: self.cleaned_data[name] for name in ("zh", "en", "lon", "lat", "per_day")})
