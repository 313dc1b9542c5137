"""The shipped policy: every value of the rules as data, with rule ids, source and assumption flag (DM-30).

``SHIPPED`` is version 1. Nothing but the rulebook reads it: code asks ``rulebook.queries.policy_at``.
"""

from rulebook.shipped import carriers, conduct, disputes, metrics, money, places, rating, transactions, wordlists
from rulebook.shipped.form import Entries, merged

SHIPPED: Entries = merged(
    metrics.ENTRIES,
    rating.ENTRIES,
    conduct.ENTRIES,
    disputes.ENTRIES,
    transactions.ENTRIES,
    places.ENTRIES,
    carriers.ENTRIES,
    money.ENTRIES,
    wordlists.ENTRIES,
)
