"""Who sees what (DM-01, RL-08). The only place that decides it: every query of a page, export or API starts here.

A stranger gets the same 404 as for what does not exist. A member whose role does not allow the act gets 403: to them
the store is no secret. Operations staff with a reviewer's role read every store and change none; their reading is
kept in the audit trail.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings
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
from stores.principals import Act, Area, Person, Principal, Program, System, Visitor, principal_of_user

Roles = frozenset[str]
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
    principal: Person
    htmx: HtmxDetails


class CompanyRequest(HttpRequest):
    """A request behind `company_view`: the person is a member of the company. ``store``: one of the company's, for the
    frame."""

    user: User
    principal: Person
    htmx: HtmxDetails
    company: Company
    store: Store | None


class StoreRequest(HttpRequest):
    """A request behind `store_view`: the store is one that the principal may see."""

    principal: Person | Program
    htmx: HtmxDetails
    store: Store


# ── Companies and stores ───────────────────────────────────────────────────────────────────────────────────────────


def principal_of(request: HttpRequest) -> Principal:
    """Who asks: whom the request was authenticated for, else the session's person."""
    held: Principal | None = getattr(request, "principal", None)
    return held or principal_of_user(getattr(request, "user", None))


def inspects_all(principal: Principal) -> bool:
    """Whether the person reads every store as operations staff (DM-02)."""
    return isinstance(principal, Person) and principal.user.is_staff and principal.user.has_perm(INSPECT_PERMISSION)


def visible_companies(principal: Principal, roles: Roles = READ) -> QuerySet[Company]:
    """The companies in which the person has one of ``roles``; all of them for reviewers who read. A program was granted
    stores, never a company as a whole."""
    if isinstance(principal, System) or (roles == READ and inspects_all(principal)):
        return Company.objects.all()
    return _companies_of(principal, roles)


def joined_companies(principal: Principal, roles: Roles = READ) -> QuerySet[Company]:
    """The companies of which the person is a member with one of ``roles``: what is addressed to a company is theirs to
    read. Oversight doesn't count here."""
    return _companies_of(principal, roles)


def visible_stores(principal: Principal, roles: Roles = READ, area: Area | None = None) -> QuerySet[Store]:
    """The stores of `visible_companies`; every query of a page starts from here (RL-08).

    A program sees those that it was granted, where one of its scopes in ``area`` (default: in any) allows what
    ``roles`` do.
    """
    if isinstance(principal, Program):
        return _granted_stores(principal) if principal.may(_act(roles), area) else Store.objects.none()
    if isinstance(principal, Visitor):
        return Store.objects.none()
    if isinstance(principal, System) or (roles == READ and inspects_all(principal)):
        return Store.objects.all()
    joined = _joined_ids(principal, roles)
    return Store.objects.filter(company__in=visible_companies(principal, roles) if joined is None else joined)


def get_store(principal: Principal, store_no: str, roles: Roles = READ, area: Area | None = None) -> Store:
    """The store with this number, its company loaded.

    Raises Http404 when the principal may not see it or it does not exist, PermissionDenied when the principal sees it
    but has none of ``roles`` there, or no scope in ``area``.
    """
    store = _one(_known_stores(principal).select_related("company"), store_no=store_no)
    # People read what they see; a program may lack the scope.
    is_decided = roles == READ and not isinstance(principal, Program)
    if not is_decided and not visible_stores(principal, roles, area).filter(pk=store.pk).exists():
        raise PermissionDenied
    return store


def get_company(principal: Principal, company_no: str, roles: Roles = READ) -> Company:
    """The company with this number; raises as `get_store` does."""
    company = _one(visible_companies(principal), company_no=company_no)
    if roles != READ and not visible_companies(principal, roles).filter(pk=company.pk).exists():
        raise PermissionDenied
    return company


def colleague(principal: Principal, store: Store) -> Person | None:
    """The principal as a member of the store's company. Staff read as oversight, whatever company they may belong to:
    they are none."""
    if not isinstance(principal, Person) or principal.user.is_staff:
        return None
    return principal if is_member(principal, store.company_id) else None


def is_member(principal: Principal, company_id: int, roles: Roles = READ) -> bool:
    """Whether it is a person who has one of ``roles`` in the company. Oversight doesn't count here."""
    joined = _joined_ids(principal, roles)
    return _companies_of(principal, roles).filter(pk=company_id).exists() if joined is None else company_id in joined


def may_write(principal: Principal, store: Store, area: Area | None = None) -> bool:
    """Whether to offer actions that change the store: to owners, managers, and programs with such a scope only."""
    if isinstance(principal, Person):
        return is_member(principal, store.company_id, WRITE)
    return visible_stores(principal, WRITE, area).filter(pk=store.pk).exists()


def _companies_of(principal: Principal, roles: Roles) -> QuerySet[Company]:
    if not isinstance(principal, Person):
        return Company.objects.none()
    if (ids := _joined_ids(principal, roles)) is not None:
        return Company.objects.filter(pk__in=ids)
    joined = Membership.objects.filter(user=principal.user, role__in=roles)
    return Company.objects.filter(pk__in=joined.values("company"))


# Inside `roles_held`: the role in each company by person, as the first question found it.
_held: ContextVar[dict[int, dict[int, str] | None] | None] = ContextVar("roles_held", default=None)
# A person in more companies is asked about in the database: a statement doesn't name them all.
MOST_HELD = 50


@contextmanager
def roles_held() -> Iterator[None]:
    """Ask once inside in which companies a person has which role: a page that only reads. The next page asks again, so
    whoever leaves a team sees no further one. So are the panels of other apps in it."""
    if _held.get() is not None:
        yield
        return
    token = _held.set({})
    try:
        yield
    finally:
        _held.reset(token)


def _joined_ids(principal: Principal, roles: Roles) -> list[int] | None:
    """The companies in which the person has one of ``roles``; None where the database has to be asked each time."""
    held = _held.get()
    if held is None or not isinstance(principal, Person):
        return None
    key = principal.user.pk
    if key not in held:
        rows = list(Membership.objects.filter(user=key).values_list("company_id", "role")[: MOST_HELD + 1])
        held[key] = dict(rows) if len(rows) <= MOST_HELD else None
    found = held[key]
    return None if found is None else [company_id for company_id, role in found.items() if role in roles]


def _known_stores(principal: Principal) -> QuerySet[Store]:
    """Those that are no secret to the principal, whatever it may do there."""
    return _granted_stores(principal) if isinstance(principal, Program) else visible_stores(principal)


def _granted_stores(program: Program) -> QuerySet[Store]:
    granted = program.store_ids if program.scopes else ()
    return Store.objects.filter(pk__in=granted, company=program.company_id)


def _act(roles: Roles) -> Act | None:
    """What a scope has to allow where people need one of the roles: what analysts may do is reading, what managers may
    do is writing, and a program is never an owner."""
    if Membership.Role.ANALYST in roles:
        return Act.READ
    return Act.WRITE if Membership.Role.MANAGER in roles else None


def _one(visible: QuerySet[M], **number: str) -> M:
    # PostgreSQL refuses text with NUL as an error of the query; to a visitor it is one more number that isn't there.
    if any("\x00" in value for value in number.values()):
        raise Http404
    found = visible.filter(**number).first()
    if found is None:
        raise Http404
    return found


# ── Views ──────────────────────────────────────────────────────────────────────────────────────────────────────────


Guarded = Callable[..., HttpResponseBase]


def signed_in(view: Callable[Concatenate[SignedInRequest, P], HttpResponseBase]) -> Guarded:
    """For people: send visitors to the sign-in page and back; inside htmx the whole page goes, not the fragment."""
    return _guarded(view, (Person,))


def store_view(
    *, area: Area, roles: Roles = READ, write_roles: Roles = WRITE
) -> Callable[[Callable[Concatenate[StoreRequest, P], HttpResponseBase]], Guarded]:
    """Turn the address's ``store_no`` into ``request.store`` for people with one of ``roles`` there, and for programs
    with a scope in ``area``.

    Requests that may change something (POST and so on) need one of ``write_roles`` too, so that a page that only
    reads can't be written to by oversight. The view gets the other parts of the address as its arguments. Visitors are
    led to sign in.
    """

    def decorate(view: Callable[Concatenate[StoreRequest, P], HttpResponseBase]) -> Guarded:
        @wraps(view)
        def with_store(request: StoreRequest, store_no: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            allowed = roles if request.method in SAFE_METHODS else roles & write_roles
            store = _granted_store(request, store_no, allowed, area)
            audit_inspection(request.principal, store)
            request.store = store
            response = view(request, *args, **kwargs)
            _remember(request, store, response)
            return response

        return _guarded(cast(Any, with_store), (Person, Program))

    return decorate


def company_view(
    *, roles: Roles = READ, write_roles: Roles = OWN
) -> Callable[[Callable[Concatenate[CompanyRequest, P], HttpResponseBase]], Guarded]:
    """Turn the address's ``company_no`` into ``request.company`` for members with one of ``roles`` there; requests that
    may change something need one of ``write_roles`` too. Oversight doesn't count: people are the company's own matter,
    and the admin shows them to staff."""

    def decorate(view: Callable[Concatenate[CompanyRequest, P], HttpResponseBase]) -> Guarded:
        @wraps(view)
        def with_company(
            request: CompanyRequest, company_no: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            allowed = roles if request.method in SAFE_METHODS else roles & write_roles
            company = _one(joined_companies(request.principal), company_no=company_no)
            if not _companies_of(request.principal, allowed).filter(pk=company.pk).exists():
                raise PermissionDenied
            request.company = company
            request.store = _frame_store(request, company)
            return view(request, *args, **kwargs)

        return _guarded(cast(Any, with_company), (Person,))

    return decorate


def _guarded(view: Callable[..., HttpResponseBase], admitted: tuple[type[Principal], ...]) -> Guarded:
    """Let principals of the kinds ``admitted`` in, as ``request.principal``."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        principal = principal_of(request)
        if isinstance(principal, Visitor):
            return _to_sign_in(request)
        if not isinstance(principal, admitted):
            raise PermissionDenied
        cast(Any, request).principal = principal
        with ExitStack() as held:
            if request.method in SAFE_METHODS:
                held.enter_context(policies_held())
                held.enter_context(roles_held())
            response = view(request, *args, **kwargs)
        patch_vary_headers(response, ["HX-Request", "Cookie"])
        return response

    return guarded


def last_store(request: HttpRequest) -> Store | None:
    """The store that was looked at last in this browser, as far as the principal still may see it."""
    number = unquote(request.COOKIES.get(LAST_STORE, "")).replace("\x00", "")
    stores = visible_stores(principal_of(request)).select_related("company")
    return stores.filter(store_no=number).first() if number else None


def _frame_store(request: HttpRequest, company: Company) -> Store | None:
    """The company's store whose tabs go with its pages: the one that was looked at last, else its first."""
    last = last_store(request)
    if last is not None and last.company_id == company.pk:
        return last
    return company.stores.select_related("company").order_by("store_no").first()


def _granted_store(request: StoreRequest, store_no: str, roles: Roles, area: Area) -> Store:
    """`get_store`, asked once for a page and the panels of other apps in it."""
    granted: dict[object, Store] = request.__dict__.setdefault("granted_stores", {})
    asked = (request.principal, store_no, roles, area)
    if asked not in granted:
        granted[asked] = get_store(request.principal, store_no, roles, area)
    return granted[asked]


def _remember(request: StoreRequest, store: Store, response: HttpResponseBase) -> None:
    """Keep which store was looked at last, so that pages beside it can show the way back."""
    number = quote(store.store_no, safe="")
    if not request.htmx and request.COOKIES.get(LAST_STORE) != number:
        secure = settings.SESSION_COOKIE_SECURE
        response.set_cookie(LAST_STORE, number, secure=secure, httponly=True, samesite="Lax")


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    htmx = getattr(request, "htmx", None)
    if not htmx:
        return redirect_to_login(_page_to_return_to(request))
    # Back to the page that held the fragment: the fragment's own address may show no page.
    page = htmx.current_url_abs_path or request.get_full_path()
    return HttpResponseClientRedirect(redirect_to_login(page).url)


def _page_to_return_to(request: HttpRequest) -> str:
    """The address asked for; of a form that was sent the page that it stood on, as its own may show no page."""
    own = request.get_full_path()
    try:
        page = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return own
    if request.method in SAFE_METHODS or page.netloc != request.get_host():
        return own
    return page._replace(scheme="", netloc="", fragment="").geturl()


def audit_inspection(principal: Principal, store: Store) -> None:
    """Record, once per performance day, that staff read a store that is not their own (DM-33)."""
    if not inspects_all(principal) or is_member(principal, store.company_id):
        return
    now = timezone.now()
    inspection: dict[str, Any] = {
        "kind": "store.inspected",
        "subject_kind": "store",
        "subject_key": store.store_no,
        "store_no": store.store_no,
        "actor": principal.actor,
    }
    if not Event.objects.filter(at__gte=performance_day_start(performance_day(now)), **inspection).exists():
        record_event(at=now, company_no=store.company.company_no, **inspection)
