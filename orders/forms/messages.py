"""Forms of the message desk, reviews and guides."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.models import ReplyTemplate
from orders.presenters.reply_subjects import LANGUAGE_NAMES
from orders.queries.message_list import Part, ThreadFilters
from orders.rules.texts import unknown_variables

MOST_LETTERS = 4_000


class ThreadFilterForm(forms.Form):
    """Bound to the query string; what makes no sense is left out."""

    number = forms.CharField(label=gettext_lazy("Order or tracking numbers"), required=False, widget=forms.SearchInput)
    site = forms.ChoiceField(label=gettext_lazy("Site"), required=False)
    part = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, part: Part, sites: dict[str, str]) -> None:
        super().__init__(data)
        self.initial = {"part": part.value}
        field = self.fields["site"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("all")), *sites.items()]

    def filters(self) -> ThreadFilters:
        """What was asked for."""
        self.full_clean()
        given = self.cleaned_data
        number = given.get("number", "").strip()
        return ThreadFilters("" if "\x00" in number else number, given.get("site", ""))


class ReportForm(forms.Form):
    """What staff or a buyer report of an order's store (AF-12)."""

    reason = forms.CharField(
        label=gettext_lazy("What was reported"), max_length=2_000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReplyForm(forms.Form):
    """A text to a buyer. ``seen``: the last message that the sender knew; ``anyway``: in spite of what was said about
    the text."""

    text = forms.CharField(
        label=gettext_lazy("Your message"),
        max_length=MOST_LETTERS,
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={"required": gettext_lazy("Write something, or choose a template.")},
    )
    template = forms.CharField(max_length=120, required=False, widget=forms.HiddenInput)
    seen = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
    anyway = forms.BooleanField(required=False)


class ReplyTemplateForm(forms.ModelForm[ReplyTemplate]):
    """A company's own reply. ``version`` is the one that the form was made from (RL-06)."""

    expected = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    language = forms.ChoiceField(label=gettext_lazy("Language"))

    class Meta:
        model = ReplyTemplate
        fields = ("name", "language", "text", "absence")
        widgets: ClassVar = {"text": forms.Textarea(attrs={"rows": 7})}

    def __init__(self, *args: Any, languages: tuple[str, ...], **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["language"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one, LANGUAGE_NAMES.get(one, one)) for one in languages]

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"])
        if len(text) > MOST_LETTERS:
            raise ValidationError(_("At most %(count)s characters.") % {"count": MOST_LETTERS})
        return known_variables(text)


class GuideForm(forms.Form):
    """The text of an after-sales guide; empty: back to the shipped one."""

    text = forms.CharField(
        label=gettext_lazy("Text"), max_length=MOST_LETTERS, required=False, widget=forms.Textarea(attrs={"rows": 9})
    )
    expected = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def clean_text(self) -> str:
        return known_variables(str(self.cleaned_data["text"]).strip())


def known_variables(text: str) -> str:
    """The text. Raises ValidationError if it names variables that don't exist."""
    if unknown := unknown_variables(text):
        names = ", ".join(f"{{{name}}}" for name in unknown)
        raise ValidationError(_("No such variable: %(names)s.") % {"names": names})
    return text
