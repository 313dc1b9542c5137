"""Who sees what (DM-01, RL-08). The only place that decides it: every query of a page, export or API starts here.

A stranger gets the same 404 as for what does not exist. A member whose role does not allow the act gets 403: to them
the store is no secret. Operations staff with a reviewer's role read every store and change none; their reading is
kept in the audit trail.
"""

from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeGuard, TypeVar, cast
from urllib.parse import quote, unquote

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from core.events import record_event
from core.models import Event
from core.timebase import performance_day, performance_day_start
from rulebook.queries import policies_held
from stores.models import Company, Membership, Store, User

Roles = frozenset[str]
Person = User | AnonymousUser
M = TypeVar("M", bound=Model)
P = ParamSpec("P")

READ: Roles = frozenset(Membership.Role.values)
WRITE: Roles = frozenset({Membership.Role.OWNER, Membership.Role.MANAGER})
OWN: Roles = frozenset({Membership.Role.OWNER})

# The cookie with the number of the store that was looked at last.
LAST_STORE = "store"
INSPECT_PERMISSION = "stores.view_store"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SignedInRequest(HttpRequest):
    """A request behind `signed_in`: the person is known."""

    user: User
    htmx: HtmxDetails


class StoreRequest(SignedInRequest):
    """A request behind `store_view`: the store is one that the person may see."""

    store: Store


# ── Companies and stores ───────────────────────────────────────────────────────────────────────────────────────────


def inspects_all(user: Person) -> bool:
    """Whether the person reads every store as operations staff (DM-02)."""
    return user.is_active and user.is_staff and user.has_perm(INSPECT_PERMISSION)


def visible_companies(user: Person, roles: Roles | None = None) -> QuerySet[Company]:
    """The companies in which the person has one of ``roles`` (default: any); all of them for reviewers who read."""
    allowed = READ if roles is None else roles
    if not _is_present(user):
        return Company.objects.none()
    if allowed == READ and inspects_all(user):
        return Company.objects.all()
    joined = Membership.objects.filter(user=user, role__in=allowed)
    return Company.objects.filter(pk__in=joined.values("company"))


def joined_companies(user: Person) -> QuerySet[Company]:
    """The companies of which the person is a member: what is addressed to a company is theirs to read. Oversight
    doesn't count here."""
    if not _is_present(user):
        return Company.objects.none()
    return Company.objects.filter(pk__in=Membership.objects.filter(user=user).values("company"))


def visible_stores(user: Person, roles: Roles | None = None) -> QuerySet[Store]:
    """The stores of `visible_companies`; every query of a page starts from here (RL-08)."""
    if not _is_present(user):
        return Store.objects.none()
    if (roles is None or roles == READ) and inspects_all(user):
        return Store.objects.all()
    return Store.objects.filter(company__in=visible_companies(user, roles))


def get_store(user: Person, store_no: str, roles: Roles | None = None) -> Store:
    """The store with this number, its company loaded.

    Raises Http404 when the person may not see it or it does not exist, PermissionDenied when the person sees it but
    has none of ``roles`` there.
    """
    visible = visible_stores(user).select_related("company")
    store = _one(visible, store_no=store_no)
    if roles is not None and not visible_companies(user, roles).filter(pk=store.company_id).exists():
        raise PermissionDenied
    return store


def get_company(user: Person, company_no: str, roles: Roles | None = None) -> Company:
    """The company with this number; raises as `get_store` does."""
    company = _one(visible_companies(user), company_no=company_no)
    if roles is not None and not visible_companies(user, roles).filter(pk=company.pk).exists():
        raise PermissionDenied
    return company


def may_write(user: Person, store: Store) -> bool:
    """Whether to offer actions that change the store: owners and managers only."""
    return visible_companies(user, WRITE).filter(pk=store.company_id).exists()


def _is_present(user: Person) -> TypeGuard[User]:
    return user.is_authenticated and user.is_active


def _one(visible: QuerySet[M], **number: str) -> M:
    # PostgreSQL refuses text with NUL as an error of the query; to a visitor it is one more number that isn't there.
    if any("\x00" in value for value in number.values()):
        raise Http404
    found = visible.filter(**number).first()
    if found is None:
        raise Http404
    return found


# ── Views ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def signed_in(view: Callable[Concatenate[SignedInRequest, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Send anonymous visitors to the sign-in page and back; inside htmx the whole page goes, not the fragment."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        with policies_held() if request.method in SAFE_METHODS else nullcontext():
            response = view(cast(SignedInRequest, request), *args, **kwargs)
        patch_vary_headers(response, ["HX-Request", "Cookie"])
        return response

    return guarded


def store_view(
    *, roles: Roles = READ, write_roles: Roles = WRITE
) -> Callable[[Callable[Concatenate[StoreRequest, P], HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Turn the address's ``store_no`` into ``request.store`` for people with one of ``roles`` there.

    Requests that may change something (POST and so on) need one of ``write_roles`` too, so that a page that only
    reads can't be written to by oversight. The view gets the other parts of the address as its arguments. It has
    `signed_in` in it.
    """

    def decorate(view: Callable[Concatenate[StoreRequest, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def with_store(request: SignedInRequest, store_no: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            allowed = roles if request.method in SAFE_METHODS else roles & write_roles
            store = get_store(request.user, store_no, None if allowed == READ else allowed)
            _audit_inspection(request.user, store)
            request = cast(StoreRequest, request)
            request.store = store
            response = view(request, *args, **kwargs)
            _remember(request, store, response)
            return response

        return signed_in(cast(Any, with_store))

    return decorate


def last_store(request: HttpRequest) -> Store | None:
    """The store at which the person looked last in this browser, as far as they still may see it."""
    user = getattr(request, "user", None)
    number = unquote(request.COOKIES.get(LAST_STORE, "")).replace("\x00", "")
    if not number or user is None:
        return None
    return visible_stores(user).filter(store_no=number).first()


def _remember(request: StoreRequest, store: Store, response: HttpResponseBase) -> None:
    """Keep which store was looked at last, so that pages beside it can show the way back."""
    number = quote(store.store_no, safe="")
    if not request.htmx and request.COOKIES.get(LAST_STORE) != number:
        secure = settings.SESSION_COOKIE_SECURE
        response.set_cookie(LAST_STORE, number, secure=secure, httponly=True, samesite="Lax")


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    htmx = getattr(request, "htmx", None)
    if not htmx:
        return redirect_to_login(request.get_full_path())
    # Back to the page that held the fragment: the fragment's own address may show no page.
    page = htmx.current_url_abs_path or request.get_full_path()
    return HttpResponseClientRedirect(redirect_to_login(page).url)


def _audit_inspection(user: User, store: Store) -> None:
    """Record, once per performance day, that staff read a store that is not their own (DM-33)."""
    if not inspects_all(user) or Membership.objects.filter(user=user, company=store.company_id).exists():
        return
    now = timezone.now()
    inspection: dict[str, Any] = {
        "kind": "store.inspected",
        "subject_kind": "store",
        "subject_key": store.store_no,
        "store_no": store.store_no,
        "actor": user.email,
    }
    if not Event.objects.filter(at__gte=performance_day_start(performance_day(now)), **inspection).exists():
        record_event(at=now, company_no=store.company.company_no, **inspection)
