"""What the frame of every page shows: the store at hand and the way to others."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from stores.access import last_store, principal_of, visible_stores
from stores.models import Store

# More stores than this are found on the page of all stores.
SWITCHER_STORES = 12
# Pages of all stores that are reached from among one store's tabs, which stay there.
BESIDE_A_STORE = frozenset({"intake", "rulebook"})
# A page of the rulebook that another app shows, as it tells of appeals.
RULEBOOK_PAGES = frozenset({"dashboard:counting"})
# A person's own pages beside those under /accounts/.
OWN_PAGES = frozenset({"stores:profile", "notifications:preferences"})


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``nav`` for base.html and ``current_store``.

    Views that add to the frame pass ``"nav": nav(request, …)`` themselves.
    """
    return {"nav": nav(request), "current_store": getattr(request, "store", None)}


def nav(request: HttpRequest, **more: Any) -> dict[str, Any]:
    """The frame's data: ``store`` (set by `stores.access.store_view`), ``stores`` for the switcher, and ``more``.

    What ``more`` may hold (``current``, ``figures``, ``now``, ``entries``, ``unread``, ``messages_url``) is told in
    templates/base.html.
    """
    frame = {
        "store": SimpleLazyObject(lambda: frame_store(request)),
        "stores": SimpleLazyObject(lambda: _switcher(request)),
        **_account_pages(request),
    }
    match = request.resolver_match
    if match is not None and (match.app_name == "rulebook" or match.view_name in RULEBOOK_PAGES):
        # The rulebook knows nothing of stores, hence nothing of this frame.
        frame["current"] = "rulebook"
    return {**frame, **more}


def frame_store(request: HttpRequest) -> Store | None:
    """The store whose tabs the frame shows: the page's own; beside pages of stores the one that was looked at last."""
    own: Store | None = getattr(request, "store", None)
    match = request.resolver_match
    if own is not None or match is None:
        return own
    return last_store(request) if match.app_name in BESIDE_A_STORE or match.view_name in RULEBOOK_PAGES else None


def _switcher(request: HttpRequest) -> Iterable[Store]:
    # Asked for where it is drawn: fragments and panels, which show no switcher, don't even put the question together.
    return visible_stores(principal_of(request)).only("store_no", "name").order_by("name", "store_no")[:SWITCHER_STORES]


def _account_pages(request: HttpRequest) -> dict[str, Any]:
    """The navigation among a person's own pages."""
    match = request.resolver_match
    user = getattr(request, "user", None)
    if match is None or user is None or not user.is_authenticated:
        return {"entries": ()}
    if not match.route.startswith("accounts/") and match.view_name not in OWN_PAGES:
        return {"entries": ()}
    pages = (
        ("stores:profile", _("Language and time zone")),
        ("notifications:preferences", _("How messages reach you")),
        ("account_change_password", _("Password")),
        ("mfa_index", _("Two-step sign-in")),
        ("usersessions_list", _("Sessions")),
    )
    entries = [{"key": name, "label": label, "url": reverse(name)} for name, label in pages]
    current = "mfa_index" if match.route.startswith("accounts/2fa/") else match.view_name
    return {"entries": entries, "current": current}
