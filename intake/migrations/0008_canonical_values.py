"""Puts what earlier imports stored into the form in which values are read now (IX-05b), so that the same rows stay the
same: numbers without blanks, wrapping or a float's ``.0``, words for nothing as nothing, sites as codes.

A number whose form another row of the store has already stays as it is; so do damaged ones. Orders that change are put
in the touched log, so that the next run counts them anew.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from django.db import IntegrityError, migrations, transaction
from django.db.models import Q

from core.identifiers import canonical, canonical_code, is_address_number, is_damaged
from intake.canonical.nothing import WORDS, WORDS_AND_ZERO
from intake.canonical.rejections import RejectedCellError
from intake.canonical.sites import codes, read_site

# Only rows with signs beyond these, or a float's end, can be in another form.
UNUSUAL = r"[^A-Za-z0-9_.:/|+@,;()&*-]|\.0+$"
AT_ONCE = 1_000

# App, model, column, and whether the column names the row among those of its store.
NUMBERS = (
    ("stores", "Listing", "sku", True),
    ("orders", "Order", "order_no", True),
    ("orders", "Order", "tracking_no", False),
    ("orders", "Order", "sku_given", False),
    ("orders", "Order", "sku", False),
    ("orders", "OrderLine", "sku", False),
    ("orders", "TrackingEvent", "tracking_no", True),
    ("orders", "ReplacedShipment", "tracking_no", True),
    ("orders", "Refund", "refund_no", True),
    ("orders", "ReturnParcel", "return_no", True),
    ("orders", "Message", "message_no", True),
    ("disputes", "Dispute", "dispute_no", True),
    ("disputes", "CopyrightComplaint", "complaint_no", True),
    ("disputes", "CopyrightComplaint", "sku", False),
)
# Rows of the deadlines that go by the number.
SUBJECTS = {"order_no": "order", "dispute_no": "dispute"}


def put_in_form(apps: Any, _editor: Any = None) -> None:
    """Everything."""
    for model, column in (("Company", "company_no"), ("Store", "store_no")):
        _numbers_in_addresses(apps.get_model("stores", model), column)
    for app, model, column, is_key in NUMBERS:
        change = _renamed if is_key else _replaced
        change(apps, apps.get_model(app, model), column, _unusual(column), _number)
    orders = apps.get_model("orders", "Order")
    _replaced(apps, orders, "carrier", _unusual("carrier") | Q(carrier__in=WORDS_AND_ZERO), _carrier)
    _replaced(apps, orders, "tracking_no", Q(tracking_no__in=WORDS_AND_ZERO), _nothing)
    _replaced(apps, orders, "site", ~Q(site__in=[*codes(), ""]), _site)


def _unusual(column: str) -> Q:
    return Q(**{f"{column}__regex": UNUSUAL})


def _number(text: str) -> str:
    found = canonical(text)
    return text if not found or is_damaged(found) else found


def _carrier(text: str) -> str:
    found = canonical_code(text)
    return "" if text in WORDS or found in WORDS_AND_ZERO else found


def _nothing(_text: str) -> str:
    return ""


def _site(text: str) -> str:
    try:
        return read_site(text)
    except RejectedCellError:
        return text


def _numbers_in_addresses(model: Any, column: str) -> None:
    for row in model.objects.all():
        found = canonical(getattr(row, column))
        if found != getattr(row, column) and is_address_number(found):
            _try(lambda row=row, found=found: model.objects.filter(pk=row.pk).update(**{column: found}))


def _changes(model: Any, column: str, rows: Q, form: Callable[[str], str]) -> Iterator[tuple[int, int, str, str]]:
    """Key, store, what stands and what shall stand of the rows that change."""
    found = list(model.objects.filter(rows).values_list("pk", "store_id", column))
    return ((pk, store, text, form(text)) for pk, store, text in found if form(text) != text)


def _renamed(apps: Any, model: Any, column: str, rows: Q, form: Callable[[str], str]) -> None:
    deadlines = apps.get_model("stores", "Deadline")
    for pk, store, text, found in _changes(model, column, rows, form):
        renamed = _try(lambda pk=pk, found=found: model.objects.filter(pk=pk).update(**{column: found}))
        if renamed and column in SUBJECTS:
            of_row = deadlines.objects.filter(store_id=store, subject_kind=SUBJECTS[column], subject_key=text)
            _try(lambda of_row=of_row, found=found: of_row.update(subject_key=found))


def _replaced(apps: Any, model: Any, column: str, rows: Q, form: Callable[[str], str]) -> None:
    changes = _changes(model, column, rows, form)
    touched = apps.get_model("stores", "Touched")
    while part := list(islice(changes, AT_ONCE)):
        model.objects.bulk_update([model(pk=pk, **{column: found}) for pk, _store, _text, found in part], [column])
        if model._meta.model_name == "order":
            touched.objects.bulk_create(
                touched(kind="order", store_id=store, subject_id=pk) for pk, store, _text, _found in part
            )


def _try(update: Callable[[], int]) -> bool:
    """Whether the row could be changed: another one may be called so already."""
    try:
        with transaction.atomic():
            return update() > 0
    except IntegrityError:
        return False


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0007_turns"),
        ("orders", "0007_fulfilled_by"),
        ("disputes", "0003_page_indexes"),
        ("stores", "0007_numbers_are_checked"),
    ]

    operations = [migrations.RunPython(put_in_form, migrations.RunPython.noop)]
