"""Disputes, reviews, listings, funds and the risk board of a store as files (PG-07 … PG-09, PG-13, PG-14)."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from core.pages.addresses import address_maker
from dashboard.forms.disputes import DeskFilterForm
from dashboard.forms.listings import CHECKS, ListingFilterForm
from dashboard.forms.reviews import ReviewFilterForm
from dashboard.queries.listings import delistings_of, notice_skus
from dashboard.queries.risk import WARNING_LANE, lane_of, scoring_at, warned
from disputes.models import Dispute
from disputes.presenters.listing_words import marks_of
from disputes.queries.desk import listed_disputes
from disputes.queries.listings import complaint_counts, listings_of
from exports.columns import ListColumn, amount, code, instant, label, text, truth, whole, word
from exports.declaring import ROWS_AT_ONCE, Asked, ListFile, OfStore, beside, in_batches, list_export, of_rows
from exports.downloads import dated
from insights.queries.flags import FLAGS
from orders.list_exports import order_column
from orders.models import Order, Review, Settlement
from orders.presenters.hold_words import held_words, reasons_of
from orders.queries.funds import held_funds, held_settlements
from orders.queries.names import category_names, site_names
from orders.queries.review_list import Part, listed_reviews
from rulebook.queries import policy_at
from stores.models import Listing, Store
from stores.principals import Area

SITE = pgettext_lazy("column", "Site")
SKU = pgettext_lazy("column", "SKU")


@list_export("disputes", page="dashboard:disputes", access=OfStore(Area.ORDERS))
def disputes(asked: Asked) -> ListFile:
    """A part of the dispute desk as filtered."""
    query = DeskFilterForm(asked.params).query()
    address, sites = address_maker("dashboard:dispute", asked.store.store_no), site_names(asked.at)
    columns = [
        code("dispute_no", label(Dispute, "dispute_no"), link=lambda row: address(row.dispute_no)),
        order_column(asked.store),
        word("site", SITE, sites, lambda row: row.order.site),
        word("kind", label(Dispute, "kind"), dict(Dispute.Kind.choices), width=20),
        word("state", label(Dispute, "state"), dict(Dispute.State.choices)),
        instant("opened_at", label(Dispute, "opened_at")),
        instant("due_at", pgettext_lazy("column", "Due")),
        instant("responded_at", label(Dispute, "responded_at")),
        instant("closed_at", label(Dispute, "closed_at")),
        word("liability", label(Dispute, "liability"), dict(Dispute.Liability.choices)),
        amount("claimed_usd", label(Dispute, "claimed_usd")),
        amount("outcome_usd", label(Dispute, "outcome_usd")),
    ]
    rows = listed_disputes(asked.store, query).defer("order__ship_address")
    return of_rows(dated(f"disputes-{query.part}", asked.at), pgettext_lazy("sheet", "Disputes"), columns, rows)


@list_export("reviews", page="dashboard:reviews", access=OfStore(Area.ORDERS))
def reviews(asked: Asked) -> ListFile:
    """A part of the reviews as filtered, the latest first."""
    named = asked.params.get("part", "")
    part = Part(named) if named in set(Part) else Part.NEGATIVE
    filters = ReviewFilterForm(asked.params, part=part).filters()
    rows = listed_reviews(asked.store, part, filters, policy_at(asked.at)).order_by("-created_at", "-pk")
    columns = [
        order_column(asked.store),
        code("sku", SKU, lambda row: row.order.sku),
        word("kind", label(Review, "kind"), dict(Review.Kind.choices)),
        instant("created_at", label(Review, "created_at")),
        instant("revised_at", label(Review, "revised_at")),
        instant("revoked_at", label(Review, "revoked_at")),
        *(whole(name, label(Review, name)) for name in ("described", "communication", "shipping")),
        text("text", label(Review, "text"), width=60),
        truth("has_photo", label(Review, "has_photo")),
    ]
    rows = rows.select_related("order").defer("order__ship_address")
    return of_rows(dated(f"reviews-{part}", asked.at), pgettext_lazy("sheet", "Reviews"), columns, rows)


@list_export("listings", page="dashboard:listings", access=OfStore(Area.ORDERS))
def listings(asked: Asked) -> ListFile:
    """A part of the listings as filtered, worst first."""
    store, number = asked.store, asked.params.get("notice", "")
    skus = notice_skus(store, number, asked.at)[1] if number else None
    query = ListingFilterForm(asked.params).query(store, skus)
    rows = listings_of(query, delistings_of(store, asked.at)).defer("description")
    return ListFile(
        dated(f"listings-{query.part}", asked.at),
        pgettext_lazy("sheet", "Listings"),
        _listing_columns(store),
        lambda: beside(rows, lambda batch: complaint_counts(store, [row.sku for row in batch])),
        rows.count,
    )


def _listing_columns(store: Store) -> list[ListColumn]:
    address = address_maker("dashboard:listing", store.store_no)
    return [
        code("sku", SKU, lambda row: row[0].sku, link=lambda row: address(row[0].sku)),
        text("title", label(Listing, "title"), lambda row: row[0].title, width=50),
        word("category", label(Listing, "category"), category_names(), lambda row: row[0].category),
        amount("price_usd", label(Listing, "price_usd"), lambda row: row[0].price_usd),
        word("status", label(Listing, "status"), dict(Listing.Status.choices), lambda row: row[0].status),
        instant("status_at", label(Listing, "status_at"), lambda row: row[0].status_at),
        text(
            "findings",
            label(Listing, "findings"),
            lambda row: " ".join(name for name, check in CHECKS.items() if (row[0].findings or 0) & check),
            shown=lambda row: _(", ").join(marks_of(row[0].findings)),
            width=40,
        ),
        whole("upheld_complaints", pgettext_lazy("column", "Upheld complaints"), lambda row: row[1].get(row[0].sku, 0)),
        truth("image_flagged", pgettext_lazy("column", "Image flagged"), lambda row: row[0].is_flagged),
    ]


@list_export("held_funds", page="dashboard:funds", access=OfStore(Area.ORDERS))
def funds(asked: Asked) -> ListFile:
    """The funds that are held, those of the earliest deliveries in front."""
    store, at = asked.store, asked.at
    settlements = held_settlements(store).select_related("order__store")

    def rows() -> Iterator[Any]:
        for batch in in_batches(settlements.iterator(ROWS_AT_ONCE)):
            yield from held_funds(store, batch, at)

    columns = [
        order_column(store, lambda row: row.settlement.order.order_no),
        instant("delivered_at", label(Order, "delivered_at"), lambda row: row.settlement.order.delivered_at),
        *_money_columns(lambda row: row.settlement),
        instant("held_since", label(Settlement, "held_since"), lambda row: row.settlement.held_since),
        text(
            "held_reason",
            label(Settlement, "held_reason"),
            lambda row: " ".join(row.lasting) or row.settlement.held_reason,
            shown=lambda row: held_words(row.lasting or reasons_of(row.settlement.held_reason)),
            width=40,
        ),
    ]
    return ListFile(dated("held-funds", at), pgettext_lazy("sheet", "Held funds"), columns, rows, settlements.count)


@list_export("settlements", page="dashboard:funds", access=OfStore(Area.ORDERS))
def settlements(asked: Asked) -> ListFile:
    """Every settlement of the store, the latest release first."""
    rows = Settlement.objects.filter(store=asked.store).select_related("order").defer("order__ship_address")
    columns = [
        order_column(asked.store),
        instant("released_at", label(Settlement, "released_at")),
        *_money_columns(lambda row: row),
        amount("amount_cny", label(Settlement, "amount_cny"), currency=lambda _row: "CNY"),
        text(
            "held_reason",
            label(Settlement, "held_reason"),
            shown=lambda row: held_words(reasons_of(row.held_reason)) if row.held_reason else None,
            width=40,
        ),
    ]
    return of_rows(
        dated("settlements", asked.at),
        pgettext_lazy("sheet", "Settlements"),
        columns,
        rows.order_by("-released_at", "-pk"),
    )


def _money_columns(settlement: Any) -> list[ListColumn]:
    return [
        amount(
            "amount",
            label(Settlement, "amount"),
            lambda row: settlement(row).amount,
            currency=lambda row: settlement(row).currency or "USD",
        ),
        code("currency", label(Settlement, "currency"), lambda row: settlement(row).currency, width=9),
    ]


@list_export("risk_lane", page="dashboard:risk_lane", access=OfStore(Area.ORDERS))
def risk_lane(asked: Asked) -> ListFile:
    """The orders of a lane of the risk board, the first due first; of the early warning the highest scores first."""
    lane, store = asked.parts["code"], asked.store
    labels = {flag.code: flag.label for flag in FLAGS}
    if lane != WARNING_LANE and lane not in labels:
        raise Http404
    is_warning = lane == WARNING_LANE
    rows = warned(store, scoring_at(asked.at)).select_related("order") if is_warning else lane_of(store, lane)
    columns = [
        order_column(store),
        word("site", SITE, site_names(asked.at), lambda row: row.order.site),
        code("sku", SKU, lambda row: row.order.sku),
        word(
            "state",
            label(Order, "state"),
            dict(Order._meta.get_field("state").flatchoices),
            lambda row: row.order.state,
        ),
        *(
            []
            if is_warning
            else [instant("since", pgettext_lazy("column", "Since")), instant("due_at", pgettext_lazy("column", "Due"))]
        ),
        whole("score", pgettext_lazy("column", "Score, permille"), _score),
        amount("total_usd", pgettext_lazy("column", "Amount, USD"), lambda row: row.order.total_usd),
    ]
    title = pgettext_lazy("sheet", "Early warning") if is_warning else labels[lane]
    return of_rows(dated(f"risk-{lane}", asked.at), title, columns, rows.defer("order__ship_address"))


def _score(row: Any) -> int | None:
    score = row if hasattr(row, "score") else getattr(row.order, "score", None)
    return score.score if score is not None else None
