"""Forms for accounts. Limits and checks at the field; what may be done is decided in actions.py."""

from __future__ import annotations

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.desk.workflow.forms import Look

from .models import User


class PersonForm(Look, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("name", "staff_no", "email")
        labels = {"name": _("Full name"), "staff_no": _("Staff number"), "email": _("Office e-mail")}


class NewPersonForm(PersonForm):
    class Meta(PersonForm.Meta):
        fields = ("username", "name", "staff_no", "email")  # type: ignore[assignment]
        labels = {**PersonForm.Meta.labels, "username": _("Sign-in name")}


class TokenForm(Look, forms.Form):
    name = forms.CharField(
        max_length=60, label=_("Program"), help_text=_("What will use the key, such as: wall display")
    )
    days = forms.IntegerField(min_value=1, max_value=366, initial=90, label=_("Days it is good for"))


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """The library's form, whose field of the name speaks English alone."""

    name = forms.CharField(required=False, max_length=100, label=_("Name"))
