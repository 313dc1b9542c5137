"""What was said of a store's files is said once (IX-06b)."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from django.db.models import QuerySet

from intake.models import Import, ImportProfile, StoreName, StoreSource
from intake.profiles.mapping.declared import MappingProfile
from intake.profiles.mapping.stored import ProfileError, from_data
from intake.reading.answers import LEFT_OUT, Answers, Memory, Told
from stores.models import Company, Store

MOST_STEMS = 50
_LONGEST_KEY = 120


def memory_for(job: Import, companies: frozenset[int] | None) -> Memory:
    """What is remembered of the stores that an import may write; ``companies``: None for operators."""
    stores = _stores(job, companies)
    sources = StoreSource.objects.filter(store__in=stores).select_related("store").order_by("confirmed_at")
    files, said = {}, {}
    for source in sources:
        store = source.store.store_no
        files.update({(source.profile, stem): store for stem in source.stems})
        answers = Answers(zone=source.zone, currency=source.currency, date_order=source.date_order)
        said[source.profile, store] = answers
    known = dict(stores.values_list("store_no", "name"))
    return Memory(files, said, _names(job), known, may_make=job.company_id is not None)


def _stores(job: Import, companies: frozenset[int] | None) -> QuerySet[Store]:
    """The stores that an import may write."""
    stores = Store.objects.all() if companies is None else Store.objects.filter(company_id__in=companies)
    return stores.filter(company_id=job.company_id) if job.company_id is not None else stores


def _names(job: Import) -> dict[tuple[str, str], str]:
    """What the company's files call its stores."""
    names = StoreName.objects.filter(company=job.company_id).values_list("profile", "key", "store__store_no")
    return {(profile, key): store_no or LEFT_OUT for profile, key, store_no in names} if job.company_id else {}


def own_profiles(company: Company | None) -> list[MappingProfile]:
    """A company's own profiles, the latest first."""
    kept = ImportProfile.objects.filter(company=company).order_by("-changed_at", "-pk") if company else []
    found = []
    for one in kept:
        # One that a later version of this program no longer reads is edited or deleted by its people.
        with suppress(ProfileError):
            found.append(from_data(one.definition, one.code, one.name))
    return found


def remember(job: Import, told: Iterable[Told], companies: frozenset[int] | None, *, at: datetime) -> None:
    """Keep what was said of files that went in, of the stores that their import may write."""
    for one in told:
        named = {one.answers.store, *one.answers.stores.values()} - {"", LEFT_OUT}
        stores = {store.store_no: store for store in _stores(job, companies).filter(store_no__in=named)}
        for store in stores.values():
            _remember_store(store, one, job.actor, at)
        if job.company is not None:
            _remember_names(one, stores, job.company)


def _remember_store(store: Store, told: Told, actor: str, at: datetime) -> None:
    answers = told.answers
    currency, order = answers.currency, answers.date_order
    said = {"zone": answers.zone, "currency": currency, "date_order": order, "actor": actor, "confirmed_at": at}
    source, _made = StoreSource.objects.get_or_create(store=store, profile=told.profile, defaults=said)
    stems = [*[stem for stem in source.stems if stem != told.stem][-MOST_STEMS + 1 :], told.stem]
    said["currency"] = said["currency"] or source.currency
    said["date_order"] = said["date_order"] or source.date_order
    StoreSource.objects.filter(pk=source.pk).update(stems=stems, **said)


def _remember_names(told: Told, stores: dict[str, Store], company: Company) -> None:
    for key, number in told.answers.stores.items():
        if len(key) <= _LONGEST_KEY and (number in stores or number == LEFT_OUT):
            means = {"store": stores.get(number)}
            StoreName.objects.update_or_create(company=company, profile=told.profile, key=key, defaults=means)
