"""What was said of a store's files is said once (IX-06b)."""

from collections.abc import Iterable
from datetime import datetime

from intake.models import Import, StoreSource
from intake.reading.answers import Answers, Memory, Told
from stores.models import Store

MOST_STEMS = 50


def memory_for(job: Import, companies: frozenset[int] | None) -> Memory:
    """What is remembered of the stores that an import may write; ``companies``: None for operators."""
    stores = Store.objects.all() if companies is None else Store.objects.filter(company_id__in=companies)
    if job.company_id is not None:
        stores = stores.filter(company_id=job.company_id)
    sources = StoreSource.objects.filter(store__in=stores).select_related("store").order_by("confirmed_at")
    files, said = {}, {}
    for source in sources:
        store = source.store.store_no
        files.update({(source.profile, stem): store for stem in source.stems})
        said[source.profile, store] = Answers(zone=source.zone, currency=source.currency)
    known = frozenset(stores.values_list("store_no", flat=True))
    return Memory(files, said, known, may_make=job.company_id is not None)


def remember(told: Iterable[Told], *, actor: str, at: datetime) -> None:
    """Keep what was said of files that went in."""
    for one in told:
        store = Store.objects.filter(store_no=one.answers.store).first()
        if store is None:
            continue
        said = {"zone": one.answers.zone, "currency": one.answers.currency, "actor": actor, "confirmed_at": at}
        source, _made = StoreSource.objects.get_or_create(store=store, profile=one.profile, defaults=said)
        stems = [*[stem for stem in source.stems if stem != one.stem][-MOST_STEMS + 1 :], one.stem]
        said["currency"] = said["currency"] or source.currency
        StoreSource.objects.filter(pk=source.pk).update(stems=stems, **said)
