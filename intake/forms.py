"""The upload form (PG-16)."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from intake.profiles import PROFILES
from intake.queries import is_operator, writable_companies
from intake.services import Options
from intake.uploads import MOST_FILES, largest_upload
from stores.forms import zone_choices
from stores.models import User


class FilesInput(forms.ClearableFileInput):
    """A file field for several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; cleans to a list."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(each, initial) for each in given]


class UploadForm(forms.Form):
    """Files, the company of stores that name none, the zone of instants without an offset, how to run."""

    files = FilesField(  # type: ignore[assignment]  # a declared field is no attribute
        label=_("Files"),
        widget=FilesInput(attrs={"accept": ".csv,.zip,.xlsx,.parquet,.json"}),
        allow_empty_file=True,
        max_length=255,
    )
    company: forms.ModelChoiceField = forms.ModelChoiceField(
        label=_("Company"), queryset=None, help_text=_("New stores in these files belong to it.")
    )
    profile = forms.ChoiceField(label=_("Format"), choices=[(p.name, p.label) for p in PROFILES.values()])
    zone = forms.ChoiceField(
        label=_("Time zone of times without an offset"),
        required=False,
        help_text=_("Leave empty when every time names its offset; others are then refused."),
    )
    dry_run = forms.BooleanField(label=_("Only show what would happen"), required=False)
    strict = forms.BooleanField(label=_("All or nothing: one refused row refuses all"), required=False)

    def __init__(self, *args: Any, user: User, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        companies = writable_companies(user).order_by("name")
        company = self.fields["company"]
        assert isinstance(company, forms.ModelChoiceField)
        company.queryset = companies
        company.required = not is_operator(user)
        company.empty_label = gettext("as the files say") if is_operator(user) else None
        zone = self.fields["zone"]
        assert isinstance(zone, forms.ChoiceField)
        zone.choices = [("", "–"), *zone_choices(now)]

    def clean_files(self) -> list[UploadedFile]:
        files: list[UploadedFile] = self.cleaned_data["files"]
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
        return Options(
            profile=chosen["profile"],
            company=chosen["company"],
            zone=chosen["zone"],
            dry_run=chosen["dry_run"],
            strict=chosen["strict"],
        )
