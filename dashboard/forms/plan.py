"""The three questions of an improvement plan: cause, done, prevention (PN-10)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.pages.choices import set_choices
from core.pages.widgets import DayInput
from notifications.rules import DONE, PREVENTION, Measure, PlanContent
from stores.models import User

MOST_MEASURES = 10
Choices = Sequence[tuple[str, str]]


class AnswersForm(forms.Form):
    """Which causes, and why they came about; ``version``: of the draft that the page showed (RL-06)."""

    version = forms.IntegerField(widget=forms.HiddenInput())
    causes = forms.MultipleChoiceField(required=False)
    explanation = forms.CharField(
        label=_("Why it came about"), required=False, max_length=4_000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, causes: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "causes", causes)


class MeasureForm(forms.Form):
    """One measure; a row without anything in it is none."""

    text = forms.CharField(label=_("Measure"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    cause = forms.ChoiceField(label=pgettext_lazy("of a measure", "Against"), required=False)
    owner_id = forms.TypedChoiceField(label=_("Responsible"), required=False, coerce=int, empty_value=None)
    day = forms.DateField(label=_("Day"), required=False, widget=DayInput())
    proof = forms.CharField(label=_("How one sees that it works"), required=False, max_length=300)

    def __init__(self, *args: Any, causes: Choices, members: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(member.pk, str(member)) for member in members]
        set_choices(self, "cause", [("", "–"), *causes])
        set_choices(self, "owner_id", [("", "–"), *people])

    def measure(self, kind: str) -> Measure | None:
        """The measure of a valid row; None of an empty one."""
        given = {name: self.cleaned_data.get(name) for name in self.fields}
        if not any(given.values()):
            return None
        return Measure(
            kind, given["text"] or "", given["cause"] or "", given["owner_id"], given["day"], given["proof"] or ""
        )


class MeasureForms(BaseFormSet[MeasureForm]):
    """The measures of one kind, and an empty row below them."""


_measures = forms.formset_factory(
    MeasureForm, formset=MeasureForms, extra=1, max_num=MOST_MEASURES, absolute_max=MOST_MEASURES + 1
)


class PlanForms:
    """The forms of a plan's page, with what is written or what was posted."""

    def __init__(
        self, content: PlanContent, version: int, data: Any, *, causes: Choices, chosen: Sequence[str], members: Any
    ) -> None:
        initial = {"version": version, "causes": chosen, "explanation": content.explanation}
        self.answers = AnswersForm(data, initial=initial, causes=causes)
        shared = {"causes": causes, "members": members}
        self.done, self.prevention = (
            # A posted row that equals its initial values would count as untouched.
            _measures(data, prefix=kind, initial=None if data else _rows(content, kind), form_kwargs=shared)
            for kind in (DONE, PREVENTION)
        )

    def is_valid(self) -> bool:
        # All of them, so that every row says what is wrong with it.
        results = [one.is_valid() for one in (self.answers, self.done, self.prevention)]
        return all(results)

    def chosen(self) -> list[str]:
        """The keys of the causes that are ticked."""
        return self.answers["causes"].value() or []

    def content(self, known: Mapping[str, Mapping[str, Any]]) -> PlanContent:
        """What valid forms say; ``known``: the causes by key."""
        given = self.answers.cleaned_data
        rows = [form.measure(kind) for kind, forms_ in self._kinds() for form in forms_]
        return PlanContent(
            [known[key] for key in given["causes"]], given["explanation"], [row for row in rows if row is not None]
        )

    def _kinds(self) -> list[tuple[str, Any]]:
        return [(DONE, self.done), (PREVENTION, self.prevention)]


def _rows(content: PlanContent, kind: str) -> list[dict[str, Any]]:
    names = ("text", "cause", "owner_id", "day", "proof")
    return [{name: getattr(one, name) for name in names} for one in content.measures if one.kind == kind]
