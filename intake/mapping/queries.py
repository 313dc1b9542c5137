"""Import profiles that a person sees, and the table of an upload that is mapped."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from intake.models import Import, ImportProfile
from intake.queries import LARGEST_ID, is_operator, writable_companies
from intake.reading.dress import Table, look_at
from intake.storage import samples_folder
from stores.access import inspects_all, visible_companies
from stores.principals import Principal


def visible_profiles(principal: Principal) -> QuerySet[ImportProfile]:
    """Profiles of the companies that the person sees."""
    profiles = ImportProfile.objects.select_related("company").order_by("company__name", "name", "pk")
    if is_operator(principal) or inspects_all(principal):
        return profiles
    return profiles.filter(company__in=visible_companies(principal))


def get_profile(principal: Principal, profile_id: int) -> ImportProfile:
    """The profile with this number; Http404 when the person may not see it or it does not exist."""
    found = visible_profiles(principal).filter(pk=profile_id).first() if profile_id <= LARGEST_ID else None
    if found is None:
        raise Http404
    return found


def may_change(principal: Principal, profile: ImportProfile) -> bool:
    """Whether the person may edit, rename and delete the profile."""
    return writable_companies(principal).filter(pk=profile.company_id).exists()


@dataclass(frozen=True)
class Sample:
    """The first rows of a table of an upload; ``file``: its name."""

    file: str
    path: Path

    def table(self, above: int) -> Table:
        """The rows below headings that ``above`` rows stand over."""
        table = look_at(self.path, file=self.file, by_record=True)
        return table.below(min(above, len(table.first)))


def get_sample(job: Import, number: int) -> Sample:
    """The sample of a table that nobody knew; Http404 where there is none any more."""
    looks: list[dict[str, Any]] = (job.look or {}).get("looks", [])
    look = looks[number] if number < len(looks) and job.state == Import.State.ASKING else {}
    path = samples_folder(job) / look.get("sample", "") if look.get("sample") else None
    if path is None or not path.is_file():
        raise Http404
    return Sample(look["label"], path)
