"""Adding up what transactions counted, and counting anew (PG-06)."""

from django.db import connection, transaction

from core.sql import SQL, dialect_of, execute, literals
from orders.models import Order, OrderCount
from orders.queries.counts import true_counts

# Rows that one transaction adds up: others wait for those of their stores meanwhile.
MOST_SETTLED = 2_000


def settle_counts(most: int = MOST_SETTLED) -> int:
    """Add what transactions counted to the sum of its store, part and day, and remove numbers of nothing; returns the
    rows removed. Two at once leave each other's rows alone."""
    waiting = OrderCount.objects.filter(slot__gt=0)
    if waiting.exists():
        with transaction.atomic(), connection.cursor() as cursor:
            rows = waiting.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True)
            if ids := list(rows[:most]):
                execute(cursor, _ADD.format(ids=literals(ids)))
            settled = OrderCount.objects.filter(pk__in=ids).delete()[0]
    else:
        settled = 0
    empty = list(OrderCount.objects.filter(number=0).values_list("pk", flat=True)[:most])
    return settled + (OrderCount.objects.filter(pk__in=empty, number=0).delete()[0] if empty else 0)


# In one order, so that two who add to the same sums don't wait for each other.
_ADD = SQL("""INSERT INTO orders_ordercount (store_id, part, day, slot, number)
    SELECT store_id, part, day, 0, SUM(number) FROM orders_ordercount WHERE id IN ({ids})
    GROUP BY store_id, part, day ORDER BY store_id, part, day
    ON CONFLICT (store_id, part, day, slot) DO UPDATE SET number = orders_ordercount.number + EXCLUDED.number""")


def recount_orders() -> None:
    """Count every store's orders anew, as after rows were written past the triggers; nobody changes orders
    meanwhile."""
    with transaction.atomic():
        if lock := dialect_of(connection).lock_table(Order._meta.db_table):
            with connection.cursor() as cursor:
                execute(cursor, lock)
        OrderCount.objects.all().delete()
        OrderCount.objects.bulk_create(
            (OrderCount(store_id=store_id, part=part, day=day, number=number)
             for (store_id, part, day), number in true_counts().items()),
            batch_size=1_000,
        )  # fmt: skip
