"""What is typed on the pages of this room, by the office, the desk, and by who registers."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from shouwang.desk.places import facts as places
from shouwang.desk.workflow.forms import Look

from .actions.claims import NewClaim
from .actions.notices import NewNotice
from .actions.registering import NewAssociation, NewVolunteer
from .facts import confirmed_associations
from .terms import (
    CALLS,
    CONTACT_MAX,
    DOCUMENTS,
    HELPERS,
    KINDS,
    LOOKOUTS,
    MOST_TEXT,
    NAME_MAX,
    SERVICES,
    THANKS,
    WHY_NOT,
    chinese,
    trades,
)

Choices = list[tuple[str, str]]
AREA_KINDS = ("district", "control_area", "town", "community", "village")


def choose(rows: Iterable[tuple[str, Any]]) -> Choices:
    return [("", _t("Choose …")), *((code, str(label)) for code, label in rows)]


def areas(paths: tuple[str, ...], kinds: tuple[str, ...] = AREA_KINDS) -> Choices:
    """Areas below these paths, by name in the order of the tree."""
    return [(s.area, s.zh if chinese() else s.en) for s in sorted(places.areas(), key=lambda s: s.area)
            if s.kind in kinds and any(s.area.startswith(p) for p in paths)]


def trade_choices() -> Choices:
    return [(t.code, t.name) for t in trades().values()]


class Base(Look, forms.Form):
    def options(self, name: str, rows: Choices) -> None:
        self.fields[name].choices = rows  # type: ignore[attr-defined]


class VolunteerForm(Base):
    """What a volunteer says of themselves. The proof of work comes with it."""

    id = forms.UUIDField()
    token = forms.CharField(max_length=200)
    counter = forms.IntegerField(min_value=0, max_value=2**53)
    name = forms.CharField(max_length=NAME_MAX, label=_("What you are called"), required=False)
    how = forms.CharField(max_length=CONTACT_MAX, label=_("Telephone or e-mail"), required=False)
    area = forms.CharField(max_length=200, label=_("Community"), required=False)
    trade = forms.CharField(max_length=24, required=False, label=_("Trade"))
    association = forms.UUIDField(required=False, label=_("Association"))
    group = forms.CharField(max_length=8, required=False, label=_("Code of a neighbours' group"))
    title = forms.CharField(max_length=80, required=False, label=_("Name of the association"))
    consent = forms.CharField(max_length=12, required=False, label=_("Consent"))

    def volunteer(self) -> NewVolunteer:
        said = self.cleaned_data
        return NewVolunteer(said["id"], said["name"], said["how"], said["area"], said["consent"], said["trade"],
                            said["association"], said["group"])

    def of_association(self) -> NewAssociation:
        said = self.cleaned_data
        return NewAssociation(said["id"], said["title"], said["trade"], said["name"], said["how"], said["consent"])


def registering() -> dict[str, Any]:
    """What the form of a volunteer offers to choose from."""
    return {"communities": areas(("",), ("community", "village")), "trades": trade_choices(),
            "associations": confirmed_associations()}


class NoticeForm(Base):
    """A hazard or traffic notice."""

    HOURS: tuple[int, ...] = (1, 4, 12, 24, 72, 168)
    kind = forms.ChoiceField(label=_("Kind"), choices=[(k, KINDS[k]) for k in ("hazard", "traffic")])
    text = forms.CharField(max_length=MOST_TEXT, label=_("What is told"), widget=forms.Textarea({"rows": 4}),
                           help_text=_("Places and times, nothing about persons."))
    area = forms.ChoiceField(label=_("To volunteers of"))
    trades = forms.MultipleChoiceField(label=_("Of these trades"), required=False,
                                       widget=forms.CheckboxSelectMultiple, help_text=_("None ticked: everybody"))
    hours = forms.TypedChoiceField(label=_("Holds for"), coerce=int)

    def __init__(self, *args: Any, paths: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.options("area", areas(paths))
        self.options("trades", trade_choices())
        self.options("hours", [(str(h), _t("%(n)s hours") % {"n": h} if h < 72 else _t("%(n)s days") % {"n": h // 24})
                               for h in self.HOURS])

    def given(self, id: UUID, **more: Any) -> NewNotice:
        said = self.cleaned_data
        return NewNotice(id=id, kind=said.get("kind", "lookout"), text=said["text"], area=said["area"],
                         minutes=said["hours"] * 60, trades=said["trades"], **more)


class LookoutForm(NoticeForm):
    """A look-out: for whom, what helps to know them, a picture, and why."""

    HOURS = (2, 4, 8, 12, 24)
    kind = None  # type: ignore[assignment]
    about = forms.ChoiceField(label=_("Who is lost"), choices=tuple(LOOKOUTS.items()))
    text = forms.CharField(
        max_length=MOST_TEXT, label=_("How to know them"), widget=forms.Textarea({"rows": 4}),
        help_text=_("Clothes, where and when last seen. No name, no address; deleted when it ends."))
    picture = forms.FileField(label=_("Picture"), required=False, help_text=_("Deleted when it ends"),
                              widget=forms.FileInput({"accept": "image/*"}))
    reason = forms.CharField(max_length=300, label=_("Reason for the look-out"), help_text=_("Sealed, for the auditor"))
    sure = forms.BooleanField(label=_("A child or somebody who cannot look after themselves; nobody is suspected"))
    field_order = ("about", "text", "picture", "area", "trades", "hours", "reason", "sure")


class GroupForm(Base):
    name = forms.CharField(max_length=60, label=_("Lane or building"))
    area = forms.ChoiceField(label=_("Community"))

    def __init__(self, *args: Any, paths: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.options("area", areas(paths, ("community", "village")))


class CallForm(Base):
    about = forms.ChoiceField(label=_("About what"), choices=tuple(CALLS.items()))


class ServiceForm(Base):
    """Hours or thanks."""

    kind = forms.ChoiceField(label=_("What it was"))
    day = forms.DateField(label=_("Day"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    hours = forms.FloatField(label=_("Hours"), required=False, min_value=0, max_value=24,
                             widget=forms.TextInput({"inputmode": "decimal"}), help_text=_("None for thanks"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.options("kind", choose([*SERVICES.items(), *THANKS.items()]))


class RefuseForm(Base):
    why = forms.ChoiceField(label=_("Why not taken"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.options("why", choose(WHY_NOT.items()))


class PapersForm(Base):
    """How many papers there are of each kind."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, label in DOCUMENTS.items():
            field = forms.IntegerField(label=str(label), min_value=0, max_value=99, required=False,
                                       widget=forms.TextInput({"inputmode": "numeric", "class": "in"}))
            self.fields[f"papers_{kind}"] = field

    def papers(self) -> dict[str, int]:
        return {kind: self.cleaned_data.get(f"papers_{kind}") or 0 for kind in DOCUMENTS}


class ClaimForm(PapersForm):
    """A claim as the office writes it down."""

    area = forms.ChoiceField(label=_("Area"))
    helper = forms.ChoiceField(label=_("Who was hurt"), choices=tuple(HELPERS.items()))
    day = forms.DateField(label=_("Day it happened"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    name = forms.CharField(max_length=NAME_MAX, label=_("Name of the helper"), help_text=_("Sealed"))
    how = forms.CharField(max_length=CONTACT_MAX, label=_("Telephone or e-mail"), help_text=_("Sealed"))
    words = forms.CharField(max_length=2000, label=_("What happened"), widget=forms.Textarea({"rows": 4}),
                            help_text=_("Sealed; opened for a reason that is recorded"))
    asked = forms.DecimalField(max_digits=10, decimal_places=2, min_value=0, label=_("Claimed, yuan"),
                               widget=forms.TextInput({"inputmode": "decimal"}))

    def __init__(self, *args: Any, paths: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.options("area", areas(paths))

    def given(self, id: UUID) -> NewClaim:
        said = self.cleaned_data
        return NewClaim(id, said["area"], said["helper"], said["day"], said["name"], said["how"], said["words"],
                        self.papers(), said["asked"])


def amount(text: str) -> Decimal | None:
    """An amount as typed; None for none. Raises ValidationError."""
    said = text.replace(",", "").replace("，", "").strip()
    return forms.DecimalField(max_digits=10, decimal_places=2).clean(said) if said else None
