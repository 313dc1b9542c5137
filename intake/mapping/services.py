"""Makes, changes, renames and deletes companies' import profiles; each change is a version (IX-06)."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.events import record_event
from intake.models import ImportProfile, ImportProfileVersion
from intake.profiles.mapping.stored import LONGEST_NAME, ProfileError
from stores.models import Company

MOST_PROFILES = 200


class ChangedMeanwhileError(RuntimeError):
    """Somebody else changed the profile first."""


def create_profile(
    *, company: Company, name: str, definition: dict[str, Any], at: datetime, actor: str
) -> ImportProfile:
    """Keep a new profile; raises ProfileError for a name that is taken."""
    if company.import_profiles.count() >= MOST_PROFILES:
        raise ProfileError(_("The company has as many profiles as it may have: delete one first."))
    _check_name(company, name)
    try:
        with transaction.atomic():
            profile = ImportProfile.objects.create(
                company=company, name=name, definition=definition, actor=actor, changed_at=at
            )
            _record("profile.created", profile, at, actor)
    except IntegrityError:
        raise ProfileError(_taken(name)) from None
    return profile


def change_profile(
    profile: ImportProfile, *, name: str, definition: dict[str, Any], version: int, at: datetime, actor: str
) -> None:
    """Write the next version of a profile whose ``version`` was seen; raises ChangedMeanwhileError, ProfileError."""
    _check_name(profile.company, name, profile)
    said = {"name": name, "definition": definition, "actor": actor, "changed_at": at, "version": version + 1}
    try:
        with transaction.atomic():
            if ImportProfile.objects.filter(pk=profile.pk, version=version).update(**said) != 1:
                raise ChangedMeanwhileError
            profile.refresh_from_db()
            _record("profile.changed", profile, at, actor)
    except IntegrityError:
        raise ProfileError(_taken(name)) from None


def delete_profile(profile: ImportProfile, *, at: datetime, actor: str) -> bool:
    """Delete a profile with its versions; False when somebody else did. What was imported with it stays."""
    with transaction.atomic():
        found = ImportProfile.objects.select_for_update().filter(pk=profile.pk).first()
        if found is None:
            return False
        _record_event("profile.deleted", found, at, actor)
        found.delete()
    return True


def _check_name(company: Company, name: str, own: ImportProfile | None = None) -> None:
    if not name:
        raise ProfileError(_("Give the profile a name."))
    if len(name) > LONGEST_NAME or "\x00" in name:
        raise ProfileError(_("The name may have %(count)s characters.") % {"count": LONGEST_NAME})
    others = company.import_profiles.filter(name=name)
    if (others.exclude(pk=own.pk) if own else others).exists():
        raise ProfileError(_taken(name))


def _taken(name: str) -> str:
    return _("There is a profile called %(name)s already: choose another name.") % {"name": name}


def _record(kind: str, profile: ImportProfile, at: datetime, actor: str) -> None:
    ImportProfileVersion.objects.create(
        profile=profile,
        version=profile.version,
        name=profile.name,
        definition=profile.definition,
        actor=actor,
        at=at,
    )
    _record_event(kind, profile, at, actor)


def _record_event(kind: str, profile: ImportProfile, at: datetime, actor: str) -> None:
    record_event(
        kind=kind,
        subject_kind="import_profile",
        subject_key=str(profile.pk),
        company_no=profile.company.company_no,
        actor=actor,
        at=at,
        after={"name": profile.name, "version": profile.version},
        cause="IX-06",
    )
