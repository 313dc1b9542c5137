"""The upload form (PG-16)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from intake.canonical.cells import number_reader
from intake.canonical.rejections import RejectedCellError
from intake.models import Import
from intake.presenters import Question, questions
from intake.profiles import PROFILES, RECOGNISED
from intake.profiles.mapping.values import name_key
from intake.queries import is_operator, writable_companies
from intake.reading import AnswerBook, Answers
from intake.reading.answers import LEFT_OUT
from intake.services import Options
from intake.storage import largest_upload
from intake.uploads import MOST_FILES
from stores.forms import zone_choices
from stores.models import Company, Store
from stores.principals import Principal

# Stands for a store that is not there yet; no store can have this number.
NEW_STORE = "+"
CURRENCIES = (
    *("USD", "CNY", "EUR", "GBP", "RUB", "BRL", "JPY", "KRW", "PLN", "MXN", "MYR", "PHP", "SGD", "THB", "IDR", "VND"),
    *("TWD", "AUD", "CAD", "INR", "TRY"),
)
_SAID = ("encoding", "store", "zone", "currency", "date_order")


class FilesInput(forms.ClearableFileInput):
    """A file field for several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; cleans to a list."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(each, initial) for each in given]


class UploadForm(forms.Form):
    """Files, and the company of stores that name none. What the files don't say is asked when they were looked at."""

    files = FilesField(  # type: ignore[assignment]  # a declared field is no attribute
        label=_("Files"),
        widget=FilesInput(attrs={"accept": ".csv,.tsv,.txt,.zip,.xlsx,.xls,.parquet,.json"}),
        allow_empty_file=True,
        max_length=255,
    )
    company: forms.ModelChoiceField[Company] = forms.ModelChoiceField(
        label=_("Company"), queryset=None, help_text=_("New stores in these files belong to it.")
    )
    profile = forms.ChoiceField(
        label=_("Format"), choices=[(p.name, p.label) for p in PROFILES.values()], required=False, initial=RECOGNISED
    )

    def __init__(self, *args: Any, principal: Principal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        companies = writable_companies(principal).order_by("name")
        company = self.fields["company"]
        assert isinstance(company, forms.ModelChoiceField)
        company.queryset = companies
        company.required = not is_operator(principal)
        company.empty_label = gettext("as the files say") if is_operator(principal) else None

    def clean_files(self) -> list[UploadedFile[Any]]:
        files: list[UploadedFile[Any]] = self.cleaned_data["files"]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(gettext("Choose at most %(count)s files.") % {"count": MOST_FILES})
        if sum(file.size or 0 for file in files) > largest_upload():
            raise forms.ValidationError(
                gettext("Together they are larger than %(size)s: import them in parts, or with the command line.")
                % {"size": filesizeformat(largest_upload())}
            )
        return files

    def options(self) -> Options:
        """How the bundle is imported."""
        chosen = self.cleaned_data
        return Options(profile=chosen["profile"] or RECOGNISED, company=chosen["company"], is_asked=True)


def _zone_help(question: Question) -> str:
    if question.is_aliexpress:
        return gettext("The file names none. The back end shows US Pacific time unless it was changed.")
    return gettext("The file names none: choose that of the shop or program which made it.")


class AnswerForm(forms.Form):
    """What a person says of an upload's files: for each one what it doesn't say itself (IX-06b)."""

    zone = forms.ChoiceField(
        label=_("Time zone of times without an offset"),
        required=False,
        help_text=_("Leave empty when every time names its offset; others are then refused."),
    )
    strict = forms.BooleanField(label=_("All or nothing: one refused row refuses all"), required=False)

    def __init__(self, *args: Any, job: Import, stores: Sequence[Store], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = questions(job)
        self.zones = zone_choices(now)
        zone = self.fields["zone"]
        assert isinstance(zone, forms.ChoiceField)
        zone.choices = [("", "–"), *self.zones]
        for number, question in enumerate(self.asked):
            for need in question.needs:
                self._ask(f"f{number}-{need}", need, question, stores)

    def _ask(self, name: str, need: str, question: Question, stores: Sequence[Store]) -> None:
        said = question.said.get(need, "")
        if need == "encoding":
            readings = [(one["code"], f"{one['name']}: {one['words']}") for one in question.readings]
            self.fields[name] = forms.ChoiceField(
                label=gettext("Which of these reads right?"),
                widget=forms.RadioSelect,
                choices=readings,
                initial=said or readings[0][0],
            )
        elif need == "store":
            self._ask_store(name, said, stores)
        elif need == "stores":
            for place, (called, number) in enumerate(question.names.items()):
                self._ask_name(f"{name}-{place}", called, number, stores)
        elif need == "date_order":
            self.fields[name] = forms.ChoiceField(
                label=gettext("What day is 01/02/2026?"),
                widget=forms.RadioSelect,
                choices=[
                    ("day", gettext("1 February: the day first")),
                    ("month", gettext("2 January: the month first")),
                ],
                initial=said or "day",
            )
        elif need == "zone":
            self.fields[name] = forms.ChoiceField(
                label=gettext("Time zone of the file"),
                # Nobody's zone is taken for granted where the format proposes none.
                choices=self.zones if said else [("", "–"), *self.zones],
                initial=said,
                help_text=_zone_help(question),
            )
        else:
            self.fields[name] = forms.ChoiceField(
                label=gettext("Currency of amounts without a sign"),
                choices=[(code, code) for code in CURRENCIES],
                initial=said,
            )

    def _ask_store(self, name: str, said: str, stores: Sequence[Store]) -> None:
        choices = [(store.store_no, f"{store.name} ({store.store_no})") for store in stores]
        self.fields[name] = forms.ChoiceField(
            label=gettext("Store"),
            choices=[("", "–"), *choices, (NEW_STORE, gettext("another or a new store, by its number:"))],
            initial=said or (choices[0][0] if len(choices) == 1 else "" if choices else NEW_STORE),
        )
        self.fields[f"{name}_no"] = forms.CharField(label=gettext("Its number"), required=False, max_length=64)
        self.fields[f"{name}_name"] = forms.CharField(
            label=gettext("Its name, if it is new"), required=False, max_length=255
        )

    def _ask_name(self, name: str, called: str, number: str, stores: Sequence[Store]) -> None:
        choices = [(store.store_no, f"{store.name} ({store.store_no})") for store in stores]
        self.fields[name] = forms.ChoiceField(
            label=gettext("Which store is “%(name)s”?") % {"name": called},
            choices=[("", "–"), *choices, (LEFT_OUT, gettext("none of ours: leave its rows out"))],
            initial=number,
        )

    def by_file(self) -> list[tuple[Question, list[forms.BoundField]]]:
        """The questions with their fields."""
        return [
            (question, [self[name] for name in self.fields if name.startswith(f"f{number}-")])
            for number, question in enumerate(self.asked)
        ]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for number, question in enumerate(self.asked):
            if "store" in question.needs and said.get(f"f{number}-store") == NEW_STORE:
                name = f"f{number}-store_no"
                try:
                    said[name] = number_reader()(said.get(name, "").strip())
                except RejectedCellError as error:
                    self.add_error(name, f"{said.get(name, '')} {error}".strip())
                if not said.get(name):
                    self.add_error(name, gettext("Give the store's number."))
        return said

    def book(self) -> AnswerBook:
        """The answers."""
        return AnswerBook(
            files={question.file: self._answers(f"f{number}-", question) for number, question in enumerate(self.asked)}
        )

    def _answers(self, prefix: str, question: Question) -> Answers:
        said = {name: self.cleaned_data.get(prefix + name, "") for name in _SAID}
        if said["store"] == NEW_STORE:
            said["store"] = self.cleaned_data[f"{prefix}store_no"]
            said["store_name"] = self.cleaned_data[f"{prefix}store_name"]
        names = {
            name_key(name): self.cleaned_data[f"{prefix}stores-{place}"]
            for place, name in enumerate(question.names)
            if f"{prefix}stores-{place}" in self.cleaned_data
        }
        return Answers(**said, stores=names)
