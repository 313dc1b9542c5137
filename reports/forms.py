"""Who gets a weekly report, and when."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from notifications.queries.recipients import members_of
from reports.models import ReportSubscription
from stores.claims import name_of
from stores.models import Company, User


class SubscriptionForm(forms.Form):
    """A member of the company, a weekday, a language."""

    person = forms.TypedChoiceField(label=_("Member"), coerce=int)
    weekday = forms.TypedChoiceField(label=_("Weekday"), coerce=int, choices=ReportSubscription.Weekday.choices)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def __init__(self, data: Any, *, company: Company) -> None:
        super().__init__(data)
        self.members: dict[int, User] = {one.user_id: one.user for one in members_of([company.pk])[company.pk]}
        field = self.fields["person"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(pk, name_of(user)) for pk, user in self.members.items()]

    @property
    def chosen(self) -> User:
        return self.members[self.cleaned_data["person"]]
