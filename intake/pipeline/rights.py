"""What a seller's rows may not write (DM-11a, RL-08, RL-19)."""

from django.utils.translation import gettext as _

from intake.pipeline.batch import Batch, Reasons
from intake.pipeline.context import IntakeContext
from stores.models import Company, Store

# Columns of stores.csv that a seller can't set for governed stores; status and points have no column there.
PLATFORM_COLUMNS = ("level", "kyc_verified")


def rows_of_others(batch: Batch, context: IntakeContext) -> Reasons:
    """Rows of stores that a seller may not write; unknown stores get the same reason (RL-08)."""
    stores = batch.column("store_no")
    own = context.own_stores(set(stores))
    return {
        position: ("store_no", not_yours(store_no)) for position, store_no in enumerate(stores) if store_no not in own
    }


def not_yours(store_no: str) -> str:
    """The reason given for another seller's store, whether or not it exists."""
    return _("store %(store)s is not one of your stores: bring it in stores.csv first if it is") % {"store": store_no}


def companies_of_others(batch: Batch, context: IntakeContext) -> Reasons:
    """Rows that name other companies than the seller's; the reason doesn't tell whether these exist (RL-19)."""
    if context.is_operator:
        return {}
    own = set(Company.objects.filter(pk__in=context.companies or ()).values_list("company_no", flat=True))
    reason = ("company_no", _("is not one of your companies"))
    return {place: reason for place, number in enumerate(batch.column("company_no")) if number not in own}


def foreign_stores(batch: Batch, context: IntakeContext, known: dict[str, tuple[int, str]]) -> Reasons:
    """Rows of stores.csv that a seller may not write: others' stores, others' companies, the mode. ``known``: company
    and mode by number."""
    own = dict(Company.objects.filter(pk__in=context.companies or ()).values_list("company_no", "pk"))
    reasons: Reasons = {}
    rows = zip(batch.column("store_no"), batch.column("company_no"), batch.column("mode"), strict=True)
    for position, (store_no, number, given) in enumerate(rows):
        company, mode = known.get(store_no, (None, Store.Mode.MIRRORED.value))
        if company is not None and company not in (context.companies or ()):
            reasons[position] = ("store_no", _no_number_of_yours(store_no))
        elif number and number not in own:
            reasons[position] = ("company_no", _("is not one of your companies"))
        elif (given or context.manifest.mode or mode) != mode:
            reasons[position] = ("mode", _("only operations change who is the authority for a store"))
    governed = {number for number, (_company, mode) in known.items() if mode == Store.Mode.GOVERNED}
    return _decided_by_platform(batch, governed) | reasons


def _no_number_of_yours(store_no: str) -> str:
    return _(
        "%(store)s can't be the number of a store of yours: check it, and ask operations if the store is yours"
    ) % {"store": store_no}


def _decided_by_platform(batch: Batch, governed: set[str]) -> Reasons:
    """Rows that would change what Dianwei as the authority decides for a store (DM-11a); what a cell says already, or
    an empty one, changes nothing."""
    given = [name for name in PLATFORM_COLUMNS if name in batch.values]
    stored = Store.objects.filter(store_no__in=governed).values("store_no", *given) if given and governed else ()
    decided = {row["store_no"]: row for row in stored}
    reasons: Reasons = {}
    for position, store_no in enumerate(batch.column("store_no")):
        for name in given if store_no in decided else ():
            value, stands = batch.values[name][position], decided[store_no][name]
            if value is not None and value != stands:
                reasons.setdefault(position, (name, _not_yours_to_say(store_no, stands)))
    return reasons


def _not_yours_to_say(store_no: str, stands: object) -> str:
    said = str(stands).lower() if isinstance(stands, bool) else str(stands) or "–"
    return _(
        "the platform decides this for store %(store)s: leave the cell empty or as it is (%(value)s), and import the "
        "row again; ask operations for a change"
    ) % {"store": store_no, "value": said}
