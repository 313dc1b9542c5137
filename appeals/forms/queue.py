"""The filters of the review queue."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from appeals.models import KINDS
from appeals.presenters.review_queue import PART_WORDS
from appeals.queries.review_queue import DEFAULT_PART, QueueQuery
from metrics.catalogue import METRICS
from notifications.complaints import COPYRIGHT
from notifications.titles import title_of
from rulebook.policy import Policy
from stores.models import Store


class QueueForm(forms.Form):
    """What of the queue is shown, read from the address."""

    part = forms.CharField(required=False, widget=forms.HiddenInput)
    q = forms.CharField(label=_("Appeal, notice, store or order"), required=False, widget=forms.SearchInput)
    kind = forms.ChoiceField(label=pgettext_lazy("of an appeal", "Against"), required=False)
    metric = forms.ChoiceField(label=_("Metric"), required=False)
    level = forms.ChoiceField(label=_("Store level"), required=False)

    def __init__(self, data: Any, *, policy: Policy) -> None:
        super().__init__(data)
        issuing = [(code, METRICS[code].title) for code, one in policy.metrics.items() if one.issues == "notice"]
        issuing.append((COPYRIGHT, title_of(COPYRIGHT)))
        for name, choices in (("kind", KINDS), ("metric", issuing), ("level", Store.Level.choices)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("All")), *choices]

    def query(self) -> QueueQuery:
        """The filters that can be read; the others filter nothing."""
        self.is_valid()
        given = {name: self.cleaned_data.get(name, "") for name in ("kind", "metric", "level")}
        part = self.cleaned_data.get("part", "")
        return QueueQuery(
            part=part if part in PART_WORDS else DEFAULT_PART, text=self.cleaned_data.get("q", ""), **given
        )
