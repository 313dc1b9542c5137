"""Follow-up work for imported rows: derived columns, the dirty log, periods, deadlines (MX-02, DM-11, DP-10).

The functions in ``FOLLOW`` act in the transaction that wrote the rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from core.dirty import mark_dirty, mark_stores_dirty
from core.models import DirtySubject
from core.sql import SQL, Identifier, parameters
from core.timebase import EPOCH_DAY
from disputes.services.clocks import derive_dispute_clocks
from disputes.services.complaints import report_complaints
from disputes.services.images import note_shown_images
from intake.pipeline.batch import Batch
from intake.pipeline.context import IntakeContext
from intake.pipeline.statements import Statements
from intake.pipeline.temporary import analyze, empty_table, execute, fetch, mark_orders_dirty_in
from orders.deriving import derive_orders
from orders.services.auto_reviews import replace_auto_reviews
from orders.services.clocks import derive_order_clocks
from orders.services.refund_clocks import derive_refund_clocks
from orders.services.releasing import release_accounts
from orders.services.threads import derive_threads
from orders.updates import note_updates_in
from stores.models import Store, StorePeriod
from stores.reference import resolve_categories
from stores.services import record_period

DIRTY = "intake_dirty"


Follow = Callable[["Written"], None]


@dataclass(frozen=True)
class Written:
    """A written batch; the table of findings has the ids of its new and changed rows."""

    batch: Batch
    statements: Statements
    context: IntakeContext


def empty_dirty() -> None:
    """Make or empty the table of orders that changed."""
    empty_table(DIRTY)


def follow_orders(written: Written) -> None:
    """Derive the columns of changed orders (new ones were inserted with them) and mark all as dirty."""
    empty_dirty()
    execute(SQL("INSERT INTO intake_dirty (id) SELECT target_id FROM intake_found WHERE verdict = 'changed'"))
    orders = SQL("""SELECT store_id, target_id FROM intake_found
        WHERE verdict IN ('new', 'changed') ORDER BY pos""")
    mark_dirty(kind=DirtySubject.Kind.ORDER, subjects=orders)
    analyze(DIRTY)
    derive_orders(table=DIRTY)


def follow_messages(written: Written) -> None:
    """Mark the orders as dirty, derive their threads, and have changed texts looked through again."""
    mark_parents_dirty(written)
    derive_threads(table=DIRTY)
    _examine_changed("orders_message")


def follow_reviews(written: Written) -> None:
    """Derive the orders, mark them as dirty, and have changed reviews looked through again."""
    derive_and_mark_dirty(written)
    _examine_changed("orders_review")


def _examine_changed(table: str) -> None:
    """New rows are unexamined from the beginning."""
    changed = SQL("""UPDATE {table} SET examined = FALSE
        WHERE examined AND id IN (SELECT target_id FROM intake_found WHERE verdict = 'changed')""")
    execute(changed.format(table=Identifier(table)))


def _collect_parents() -> None:
    """Orders that gained or lost rows."""
    empty_dirty()
    execute(
        SQL("""INSERT INTO intake_dirty (id) SELECT order_id FROM intake_found WHERE verdict IN ('new', 'changed')
        UNION SELECT old_order_id FROM intake_found WHERE verdict = 'changed' AND old_order_id IS NOT NULL""")
    )
    analyze(DIRTY)


def mark_parents_dirty(written: Written) -> None:
    """Mark the rows' orders as dirty."""
    _collect_parents()
    mark_orders_dirty_in(DIRTY)


def derive_and_mark_dirty(written: Written) -> None:
    """Derive the rows' orders again and mark them as dirty."""
    _collect_parents()
    derive_orders(table=DIRTY, updated=True)
    mark_orders_dirty_in(DIRTY)


def follow_refunds(written: Written) -> None:
    """Derive the refunds' orders again, mark them as dirty, and open, meet or void the countdowns of answers."""
    derive_and_mark_dirty(written)
    _follow_refund_clocks(written)


def follow_returns(written: Written) -> None:
    """Open, meet or void the countdowns of inspections."""
    _collect_parents()
    note_updates_in(DIRTY)
    _follow_refund_clocks(written)


def _follow_refund_clocks(written: Written) -> None:
    order_ids = [order_id for (order_id,) in fetch(SQL("SELECT id FROM intake_dirty ORDER BY id"))]
    if order_ids:
        derive_refund_clocks(order_ids=order_ids, at=written.context.now)


def follow_disputes(written: Written) -> None:
    """Mark the orders as dirty; bring the deadlines of the disputes in line."""
    mark_parents_dirty(written)
    note_updates_in(DIRTY)
    written_rows = SQL("SELECT target_id FROM intake_found WHERE verdict IN ('new', 'changed') ORDER BY target_id")
    ids = [dispute_id for (dispute_id,) in fetch(written_rows)]
    if ids:
        derive_dispute_clocks(dispute_ids=ids, at=written.context.now)


def follow_complaints(written: Written) -> None:
    """Put the complaints in the dirty log, and tell of those that were decided."""
    complaints = SQL("SELECT store_id, target_id FROM intake_found WHERE verdict IN ('new', 'changed')")
    mark_dirty(kind=DirtySubject.Kind.COMPLAINT, subjects=complaints)
    rows = fetch(SQL("SELECT target_id, verdict FROM intake_found WHERE verdict IN ('new', 'changed')"))
    report_complaints(complaints=dict(rows), at=written.context.now)


def follow_listings(written: Written) -> None:
    """Have changed texts checked again, note which images are shown, and mark orders as dirty whose category comes from
    a listing."""
    execute(
        SQL("""UPDATE stores_listing SET findings = NULL
        WHERE id IN (SELECT target_id FROM intake_found WHERE verdict = 'changed')""")
    )
    if "image_file" in written.statements.staged_columns:
        empty_dirty()
        execute(
            SQL("INSERT INTO intake_dirty (id) SELECT target_id FROM intake_found WHERE verdict IN ('new', 'changed')")
        )
        analyze(DIRTY)
        note_shown_images(table=DIRTY, shown_at=written.context.at, at=written.context.now)
    _mark_categories(written)


def _mark_categories(written: Written) -> None:
    if "category" not in written.statements.staged_columns:
        return
    empty_dirty()
    execute(
        SQL("""INSERT INTO intake_dirty (id) SELECT o.id FROM orders_order o
        JOIN intake_found f ON f.store_id = o.store_id
        JOIN {stage} s ON s.pos = f.pos AND s.sku = o.sku
        WHERE f.verdict IN ('new', 'changed') AND o.category = ''""").format(stage=written.statements.stage)
    )
    analyze(DIRTY)
    mark_orders_dirty_in(DIRTY)


def follow_categories(written: Written) -> None:
    """Resolve inherited flags; mark the orders of categories whose flags changed (DM-12)."""
    mark_orders_of_categories_dirty(resolve_categories())
    mark_stores_dirty(store_ids=Store.objects.values_list("pk", flat=True))


def mark_orders_of_categories_dirty(codes: set[str]) -> None:
    """Mark as dirty the orders whose own category, or else whose listing's, is one of ``codes``."""
    if not codes:
        return
    empty_dirty()
    execute(
        SQL("""INSERT INTO intake_dirty (id) SELECT o.id FROM orders_order o WHERE o.category IN ({codes})
            UNION SELECT o.id FROM orders_order o
            JOIN stores_listing l ON l.store_id = o.store_id AND l.sku = o.sku
            WHERE o.category = '' AND l.category IN ({codes})""").format(codes=parameters(codes))
    )
    mark_orders_dirty_in(DIRTY)


def follow_rates(written: Written) -> None:
    """Record which currencies have to be priced again, and from which day on (IX-05)."""
    since = SQL("""SELECT s.currency, MIN(s.day) FROM {stage} s
            JOIN intake_found f ON f.pos = s.pos WHERE f.verdict IN ('new', 'changed') GROUP BY s.currency""")
    written.batch.rates_since = dict(fetch(since.format(stage=written.statements.stage)))


def follow_stores(written: Written) -> None:
    """Keep the history of a store's level, category and status (DM-11).

    The first period holds from day 0. A change by a newer export holds from its performance day on; one by the same
    export corrects the latest period.
    """
    former: dict[int, int | None] = dict(
        fetch(SQL("SELECT target_id, old_source_at FROM intake_found WHERE verdict IN ('new', 'changed')"))
    )
    context = written.context
    latest: dict[int, date] = {}
    for period in StorePeriod.objects.filter(store_id__in=former).order_by("store_id", "effective_from"):
        latest[period.store_id] = period.effective_from
    fresh = [store for store in Store.objects.filter(pk__in=former).order_by("pk") if store.pk not in latest]
    StorePeriod.objects.bulk_create(
        [
            StorePeriod(
                store=store,
                effective_from=EPOCH_DAY,
                level=store.level,
                primary_category=store.primary_category,
                status=store.status,
            )
            for store in fresh
        ]
    )
    mark_stores_dirty(store_ids=[store.pk for store in fresh])
    for store in Store.objects.filter(pk__in=latest).order_by("pk"):
        start, applied = latest.get(store.pk), former[store.pk]
        corrects = start is not None and applied is not None and applied >= context.at_epoch
        day = start if corrects and start is not None else max(context.export_day, start or context.export_day)
        record_period(store=store, day=day)


def follow_clocks(written: Written) -> None:
    """Bring the deadlines of governed stores' orders in line with the rows (DM-27)."""
    derive_order_clocks(order_ids=_governed_orders(written), at=written.context.now)


def _governed_orders(written: Written) -> list[int]:
    """The governed stores' orders that a batch changed, or that it took rows from."""
    changed = SQL("""SELECT {order} FROM intake_found WHERE governed AND verdict IN ('new', 'changed')
        UNION SELECT old_order_id FROM intake_found WHERE governed AND old_order_id IS NOT NULL AND verdict = 'changed'
        ORDER BY 1""")
    order = Identifier("target_id" if written.batch.spec.name == "orders" else "order_id")
    return [order_id for (order_id,) in fetch(changed.format(order=order))]


def derive_clocks_in(table: str, at: datetime) -> None:
    """The same for governed stores' orders whose ids are in a table."""
    governed = SQL("""SELECT o.id FROM orders_order o JOIN {table} t ON t.id = o.id
        JOIN stores_store s ON s.id = o.store_id WHERE s.mode = 'governed' ORDER BY 1""")
    ids = [order_id for (order_id,) in fetch(governed.format(table=Identifier(table)))]
    derive_order_clocks(order_ids=ids, at=at)


def follow_replaced_reviews(written: Written) -> None:
    """Note which automatic reviews the buyers' own have replaced (AF-07)."""
    replace_auto_reviews(order_ids=_governed_orders(written))


def follow_accounts(written: Written) -> None:
    """Have the orders go on that waited for the identity check or the payout account of their store (AF-10)."""
    changed = fetch(SQL("SELECT target_id FROM intake_found WHERE governed AND verdict = 'changed'"))
    release_accounts(store_ids=[store_id for (store_id,) in changed], at=written.context.now)


def _then(*follow: Follow) -> Follow:
    """One after the other."""

    def follow_all(written: Written) -> None:
        for step in follow:
            step(written)

    return follow_all


FOLLOW: dict[str, Follow] = {
    "fx_rates": follow_rates,
    "categories": follow_categories,
    "stores": _then(follow_stores, follow_accounts),
    "listings": follow_listings,
    "orders": _then(follow_orders, follow_clocks),
    "order_lines": derive_and_mark_dirty,
    "shipments": _then(derive_and_mark_dirty, follow_clocks),
    "tracking_events": _then(derive_and_mark_dirty, follow_clocks),
    "reviews": _then(follow_reviews, follow_clocks, follow_replaced_reviews),
    "refunds": _then(follow_refunds, follow_clocks),
    "returns": follow_returns,
    "disputes": _then(follow_disputes, follow_clocks),
    "settlements": _then(mark_parents_dirty, follow_clocks),
    "messages": follow_messages,
    "copyright_complaints": follow_complaints,
}
