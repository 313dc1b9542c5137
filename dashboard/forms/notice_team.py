"""Who is responsible for a notice, and notes on it (PN-13)."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.pages.choices import set_choices
from stores.models import User

NOTE_LENGTH = 2_000


class AssigningForm(forms.Form):
    """One member of the company, or nobody."""

    assignee = forms.TypedChoiceField(label=_("Person responsible"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, members: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = {member.pk: member for member in members}
        choices = [("", _("nobody")), *((pk, str(member)) for pk, member in self.members.items())]
        set_choices(self, "assignee", choices)

    def chosen(self) -> User | None:
        """The member, None for nobody; call it on a valid form."""
        return self.members.get(self.cleaned_data["assignee"])


class NoteForm(forms.Form):
    """A note for the colleagues."""

    text = forms.CharField(label=_("Note"), max_length=NOTE_LENGTH, widget=forms.Textarea(attrs={"rows": 3}))
