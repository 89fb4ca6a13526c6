"""What editors and survey managers type."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from shouwang.desk.places import facts as places
from shouwang.desk.workflow.forms import Look

from .models import Bulletin, Survey
from .terms import STANDARD, TEXT_MAX, TITLE_MAX, NewBulletin, NewSurvey, Option, Question, questions_of

AREA_KINDS = ("district", "control_area", "community")
PARTS = "|"  # between Chinese and English of a line


class _OfAnArea(Look, forms.Form):
    area = forms.ChoiceField(label=_("Area"))

    def __init__(self, *args: Any, paths: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].choices = [  # type: ignore[attr-defined]
            (spot.area, spot.name) for spot in sorted(places.areas(), key=lambda s: s.area)
            if spot.kind in AREA_KINDS and any(spot.area.startswith(path) for path in paths)]


class BulletinForm(_OfAnArea):
    zh = forms.CharField(max_length=TITLE_MAX, label=_("Title in Chinese"))
    text_zh = forms.CharField(max_length=TEXT_MAX, label=_("Text in Chinese"), widget=forms.Textarea({"rows": 10}),
                              help_text=_("What residents should know to protect themselves. Nobody by name, no house "
                                          "number, no count of 1 to 10."))
    en = forms.CharField(max_length=TITLE_MAX, required=False, label=_("Title in English"))
    text_en = forms.CharField(max_length=TEXT_MAX, required=False, label=_("Text in English"),
                              widget=forms.Textarea({"rows": 6}))

    def given(self) -> NewBulletin:
        return NewBulletin(**self.cleaned_data)

    @staticmethod
    def of(row: Bulletin) -> dict[str, Any]:
        return {name: getattr(row, name) for name in ("area", "zh", "text_zh", "en", "text_en")}


class SurveyForm(_OfAnArea):
    zh = forms.CharField(max_length=TITLE_MAX, label=_("Title in Chinese"))
    en = forms.CharField(max_length=TITLE_MAX, required=False, label=_("Title in English"))
    opens_on = forms.DateField(label=_("First day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    closes_on = forms.DateField(label=_("Last day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    standard = forms.MultipleChoiceField(required=False, label=_("Usual questions"),
                                         widget=forms.CheckboxSelectMultiple)
    own = forms.CharField(
        required=False, max_length=8000, label=_("Questions of your own"), widget=forms.Textarea({"rows": 8}),
        help_text=_("The question on a line, below it each answer on a line of its own, an empty line before the next "
                    "question. English may follow after “|”. Ask nothing by which somebody could be known."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["standard"].choices = [(q.id, str(q)) for q in STANDARD]  # type: ignore[attr-defined]

    def clean_own(self) -> list[Question]:
        blocks = [block.splitlines() for block in "\n".join(
            line.strip() for line in self.cleaned_data["own"].splitlines()).split("\n\n") if block.strip()]
        found = []
        for n, lines in enumerate(blocks, 1):
            zh, en = _parts(lines[0])
            if not zh or len(lines) < 3:
                raise forms.ValidationError(_t("Question %(n)s has fewer than two answers below it.") % {"n": n})
            found.append(Question(f"own{n}", zh, en, tuple(Option(*_parts(line)) for line in lines[1:])))
        return found

    def given(self) -> NewSurvey:
        said = self.cleaned_data
        asked = [q for q in STANDARD if q.id in said["standard"]] + said["own"]
        return NewSurvey(said["area"], said["zh"], said["opens_on"], said["closes_on"], tuple(asked), said["en"])

    @staticmethod
    def of(row: Survey) -> dict[str, Any]:
        asked, usual = questions_of(row.questions), {q.id for q in STANDARD}
        own = ["\n".join([_line(q), *map(_line, q.options)]) for q in asked if q.id not in usual]
        return {"area": row.area, "zh": row.zh, "en": row.en, "opens_on": row.opens_on, "closes_on": row.closes_on,
                "standard": [q.id for q in asked if q.id in usual], "own": "\n\n".join(own)}  # fmt: skip


def _parts(line: str) -> tuple[str, str]:
    zh, _sep, en = line.partition(PARTS)
    return zh.strip(), en.strip()


def _line(part: Question | Option) -> str:
    return f"{part.zh} {PARTS} {part.en}" if part.en else part.zh
