"""What deadlines need to know of stores and companies: their numbers, their locks, that they are gone (DM-27)."""

from collections.abc import Collection
from typing import Any

from django.db.models.signals import pre_delete
from django.dispatch import receiver

from core.deadlines import Owner, name_owners, remove_deadlines
from stores.models import Company, Store
from stores.services.holding import hold_stores


def store_numbers(ids: Collection[int]) -> dict[int, str]:
    return dict(Store.objects.filter(pk__in=ids).values_list("pk", "store_no"))


def company_numbers(ids: Collection[int]) -> dict[int, str]:
    return dict(Company.objects.filter(pk__in=ids).values_list("pk", "company_no"))


name_owners(Owner.STORE, store_numbers, hold_stores)
name_owners(Owner.COMPANY, company_numbers)


@receiver(pre_delete, sender=Store)
def remove_deadlines_of_store(*, instance: Store, **_given: Any) -> None:
    """Rows name their store without a foreign key, so nothing else takes them along."""
    remove_deadlines(owner=Owner.STORE, ids=[instance.pk])


@receiver(pre_delete, sender=Company)
def remove_deadlines_of_company(*, instance: Company, **_given: Any) -> None:
    remove_deadlines(owner=Owner.COMPANY, ids=[instance.pk])
