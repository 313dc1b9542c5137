"""Which imports and companies a person sees on the data pages (PG-16)."""

from django.db.models import QuerySet
from django.http import Http404

from intake.models import Import
from stores.access import WRITE, inspects_all, visible_companies, visible_stores
from stores.models import Company, Store
from stores.principals import Person, Principal

OPERATE = "intake.add_import"
RECENT = 30
STORES_AT_ONCE = 50
LARGEST_ID = 2**63 - 1


def is_operator(principal: Principal) -> bool:
    """Whether the person's imports may write every store: operations staff with that permission."""
    return isinstance(principal, Person) and principal.user.is_staff and principal.user.has_perm(OPERATE)


def visible_imports(principal: Principal) -> QuerySet[Import]:
    """Imports of the companies that the person sees; operations see all."""
    if is_operator(principal) or inspects_all(principal):
        return Import.objects.all()
    return Import.objects.filter(company__in=visible_companies(principal))


def get_import(principal: Principal, import_id: int) -> Import:
    """The import with this number; Http404 when the person may not see it or it does not exist."""
    job = (
        visible_imports(principal).select_related("company").filter(pk=import_id).first()
        if import_id <= LARGEST_ID
        else None
    )
    if job is None:
        raise Http404
    return job


def writable_companies(principal: Principal) -> QuerySet[Company]:
    """The companies for which the person may import."""
    return Company.objects.all() if is_operator(principal) else visible_companies(principal, WRITE)


MOST_CHOICES = 500


def answerable_stores(principal: Principal, job: Import) -> list[Store]:
    """The stores that the files of an import may be said to belong to."""
    stores = (
        Store.objects.all()
        if is_operator(principal)
        else visible_stores(principal).filter(company__in=writable_companies(principal))
    )
    if job.company_id is not None:
        stores = stores.filter(company_id=job.company_id)
    return list(stores.order_by("name", "store_no")[:MOST_CHOICES])


def stores_of_import(principal: Principal, job: Import) -> list[Store]:
    """Stores that an import named, as far as the person sees them."""
    return list(visible_stores(principal).filter(store_no__in=job.stores[:STORES_AT_ONCE]).order_by("name", "store_no"))


def may_cancel(principal: Principal, job: Import) -> bool:
    """Whether the person may stop the import."""
    return is_operator(principal) or (
        job.company_id is not None and visible_companies(principal, WRITE).filter(pk=job.company_id).exists()
    )
