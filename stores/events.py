"""The events of companies, people and stores, and of what staff change in the admin."""

from collections.abc import Iterator

from django.db.models import Model
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from core.events import (
    Detail,
    EventKind,
    Visibility,
    choice_words,
    column_details,
    declare_events,
    details,
    instant_words,
)
from stores.models import Company, Listing, Membership, Store, User

STAFF = Visibility.STAFF


def changes_by_staff(model: type[Model], visibility: Visibility) -> Iterator[EventKind]:
    """What `stores.adminbase.AuditedAdmin` records of a model."""
    name, title = str(model._meta.model_name), model._meta.verbose_name
    for verb, label in (
        ("added", _("{what}: added by staff")),
        ("changed", _("{what}: changed by staff")),
        ("deleted", _("{what}: deleted by staff")),
    ):
        text = format_lazy(label, what=title)
        yield EventKind(f"{name}.{verb}", text, name, visibility, column_details(model))


ROLE = details(role=Detail(_("role"), choice_words(Membership.Role.choices)))
CARRIER = details(carrier=Detail(_("carrier")))
SETTING_UP = details(
    company_no=Detail(_("company number")),
    staff=Detail(_("account for operations"), lambda has: _("yes") if has else _("no")),
)
LISTING = details(
    status=Detail(_("status"), choice_words(Listing.Status.choices)),
    relist_after=Detail(_("may be relisted after"), instant_words),
)

declare_events(
    EventKind("installation.set_up", _("Installation set up"), "installation", STAFF, SETTING_UP),
    EventKind("company.created", _("Company created"), "company", describe=column_details(Company)),
    EventKind("company.removed", _("Company removed"), "company", STAFF, details(rows=Detail(_("rows")))),
    EventKind("member.added", _("Member added"), "membership", describe=ROLE),
    EventKind("member.changed", _("Member given another role"), "membership", describe=ROLE),
    EventKind("member.removed", _("Member removed"), "membership", describe=ROLE),
    EventKind("member.invited", _("Member invited"), "invitation", describe=ROLE),
    EventKind("invitation.accepted", _("Invitation accepted"), "invitation", describe=ROLE),
    EventKind("invitation.withdrawn", _("Invitation withdrawn"), "invitation", describe=ROLE),
    EventKind("person.disabled", _("Account closed"), "person", STAFF),
    EventKind("user.password_changed", _("Password set by staff"), "user", STAFF),
    EventKind("store.inspected", _("Store read by staff"), "store", STAFF),
    EventKind("carrier.registered", _("Carrier registered"), "store", describe=CARRIER),
    EventKind("carrier.unregistered", _("Carrier taken off the register"), "store", describe=CARRIER),
    EventKind("listing.offline", _("Listing taken offline"), "listing", describe=LISTING),
    EventKind("listing.online", _("Listing put online"), "listing", describe=LISTING),
    EventKind("listing.delisted", _("Listing delisted"), "listing", describe=LISTING),
    EventKind("listing.released", _("Listing may be relisted"), "listing", describe=LISTING),
    EventKind("store.closed", _("Store closed"), "store", describe=column_details(Store)),
    EventKind("store.status_changed", _("State of the store changed"), "store", describe=column_details(Store)),
    *changes_by_staff(User, STAFF),
    *changes_by_staff(Company, STAFF),
    *changes_by_staff(Membership, STAFF),
    *changes_by_staff(Store, STAFF),
)
