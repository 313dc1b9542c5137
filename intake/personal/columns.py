"""Every column that holds data of buyers: one declaration for purging, export, erasure and docs/privacy.md (RL-14)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from disputes.models import DisputeAnswer, DisputeEvidence
from orders.models import Message, Order, OutgoingMessage, Refund, ReturnParcel, Review

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# What stands in place of a text that was removed: facts count that a review has a text, so it stays one.
REMOVED = "[removed]"


class Group(StrEnum):
    """How long a column is kept; the names of policy's ages in days, for ever where it has none (PN-27)."""

    ADDRESS = "address_days"
    TEXT = "text_days"
    MESSAGE = "message_days"


@dataclass(frozen=True, slots=True)
class PersonalColumn:
    """A column with data of buyers. ``order``: the path from a row to its order, empty for the order itself."""

    model: type[Model]
    column: str
    group: Group
    label: "StrPromise"
    order: str = "order"

    @property
    def name(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    @property
    def removed(self) -> str:
        """What stands in its place once it was removed."""
        return "" if self.group == Group.ADDRESS else REMOVED

    def of_order(self, path: str) -> str:
        """The path from a row to a field of its order."""
        return f"{self.order}__{path}" if self.order else path


COLUMNS = (
    PersonalColumn(Order, "ship_address", Group.ADDRESS, _("delivery address"), ""),
    PersonalColumn(Order, "buyer_ip_hash", Group.ADDRESS, _("buyer's network, pseudonym"), ""),
    PersonalColumn(Message, "text", Group.MESSAGE, _("messages")),
    PersonalColumn(OutgoingMessage, "text", Group.MESSAGE, _("messages written here")),
    PersonalColumn(Review, "text", Group.TEXT, _("reviews")),
    PersonalColumn(Refund, "note", Group.TEXT, _("notes on refunds")),
    PersonalColumn(ReturnParcel, "note", Group.TEXT, _("notes on return parcels")),
    PersonalColumn(DisputeAnswer, "text", Group.TEXT, _("answers to disputes"), "dispute__order"),
    PersonalColumn(DisputeEvidence, "text", Group.TEXT, _("quoted evidence"), "dispute__order"),
)
# Columns of a table that an import writes, by table.
BY_TABLE = {
    table: [one for one in COLUMNS if one.model._meta.db_table == table]
    for table in {one.model._meta.db_table for one in COLUMNS}
}
