"""Staff pages of people, companies, stores, deadlines and the event log (PG-20)."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

# Their registrations must have happened before they can be taken back.
import allauth.account.admin
import allauth.mfa.admin
import allauth.usersessions.admin  # noqa: F401
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.events import event_label, event_text
from core.models import Deadline, Event, OutboxEntry
from core.outbox.delivering import LEASES
from core.services import discard_outbox, retry_outbox
from core.timebase import performance_day
from stores.actors import names_of_actors
from stores.adminbase import AuditedAdmin, ReadOnlyAdmin, StoreRowAdmin, register
from stores.models import (
    Carrier,
    Category,
    Company,
    Feed,
    FxRate,
    Listing,
    ListingVersion,
    Membership,
    RegisteredCarrier,
    Store,
    StorePeriod,
    User,
)
from stores.numbering import is_usable
from stores.principals import principal_of_user
from stores.services import (
    LastOwnerError,
    add_member,
    create_company,
    disable_person,
    record_period,
    remove_member,
)

RETRY_PERMISSION = "core.retry_outboxentry"

admin.site.site_header = _("Dianwei operations")
admin.site.site_title = _("Dianwei operations")
admin.site.index_title = _("Overview")

# They show secrets of sign-in, or ways round it.
for model in (EmailAddress, Authenticator, UserSession):
    admin.site.unregister(model)


class MembershipInline(admin.TabularInline[Membership, Any]):
    """The people of a company, or the companies of a person."""

    model = Membership
    extra = 0
    autocomplete_fields = ("user", "company")


def _act(request: HttpRequest) -> dict[str, Any]:
    """Who does it and when, for services."""
    return {"actor": principal_of_user(request.user).actor, "at": timezone.now()}


def _put_member(request: HttpRequest, row: Membership, changed: Iterable[str]) -> None:
    """Save a row of the form by the services: another person or company makes it another membership."""
    if row.pk and {"user", "company"} & set(changed):
        _remove_member(request, Membership.objects.get(pk=row.pk))
    add_member(company=row.company, user=row.user, role=row.role, **_act(request))


def _remove_member(request: HttpRequest, row: Membership) -> None:
    remove_member(company=row.company, user=row.user, **_act(request))


class MembersAdmin(AuditedAdmin):
    """Pages on which memberships change: by the services, which leave every company an owner and write the events."""

    services_audit = frozenset({Membership})

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Rows of memberships go through the services."""
        if formset.model is not Membership:
            super().save_formset(request, form, formset, change)
            return
        formset.save(commit=False)
        for row in formset.deleted_objects:
            _remove_member(request, row)
        for row, changed in [*((row, ()) for row in formset.new_objects), *formset.changed_objects]:
            _put_member(request, row, changed)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Says so where a company would be left without an owner."""
        return _owner_kept(super().changeform_view, request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The same."""
        return _owner_kept(super().delete_view, request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The same."""
        return _owner_kept(super().changelist_view, request, *args, **kwargs)


def _owner_kept(view: Callable[..., HttpResponse], request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    try:
        with transaction.atomic():
            return view(request, *args, **kwargs)
    except LastOwnerError as error:
        messages.error(request, error.message)
        return HttpResponseRedirect(request.get_full_path())


class PersonCreationForm(AdminUserCreationForm[User]):
    """A new account: address and first password, or none until the person resets it."""

    class Meta:
        model = User
        fields = ("email", "name")


@admin.register(User)
class PersonAdmin(MembersAdmin, UserAdmin[User]):
    """People. Accounts are disabled, never deleted: the event log speaks of them."""

    add_form = PersonCreationForm
    ordering = ("email",)
    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "groups")
    search_fields = ("email", "name")
    readonly_fields = ("last_login", "date_joined")
    inlines = (MembershipInline,)
    audit_without_values: ClassVar = frozenset({"email", "username", "name", "password", "first_name", "last_name"})
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "language", "time_zone")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        (_("History"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("email", "name", "usable_password", "password1", "password2")}),
    )
    filter_horizontal = ("groups",)

    def save_model(self, request: HttpRequest, obj: Any, form: Form, change: bool) -> None:
        """Closing an account ends its sessions too."""
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data and not obj.is_active:
            disable_person(user=obj, **_act(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only administrators give rights."""
        fixed = super().get_readonly_fields(request, obj)
        return fixed if _is_administrator(request) else (*fixed, "is_staff", "is_superuser", "groups")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody takes over an administrator's account by changing its address or password."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not obj.is_superuser or _is_administrator(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """A password set by staff leaves an event as well; it comes by another way than the other fields."""
        if request.resolver_match and request.resolver_match.url_name == "auth_user_password_change":
            self._audit(request, obj, "password_changed", before={}, after={})
        return super().log_change(request, obj, message)


@admin.register(Company)
class CompanyAdmin(MembersAdmin):
    """Companies and their members."""

    list_display = ("company_no", "name", "license_no", "controller_id", "is_demo")
    search_fields = ("company_no", "name", "license_no__exact", "controller_id__exact")
    list_filter = ("is_demo",)
    inlines = (MembershipInline,)

    def save_model(self, request: HttpRequest, obj: Any, form: Form, change: bool) -> None:
        """A new company is made by the service."""
        if change:
            super().save_model(request, obj, form, change)
            return
        given = {name: getattr(obj, name) for name in ("company_no", "name", "license_no", "controller_id")}
        # The admin goes on with the object it made for the form: it must be the stored one.
        obj.__dict__.update(create_company(**given, **_act(request)).__dict__)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A number given once is what imports know the company by; one that can't stand in addresses is to be
        replaced."""
        return ("company_no", "is_demo") if obj and is_usable(obj.company_no) else ("is_demo",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Removing a company's data is a command of its own (IX-03), not a click."""
        return False


@admin.register(Membership)
class MembershipAdmin(MembersAdmin):
    """Who has which role where."""

    list_display = ("user", "company", "role")
    list_filter = ("role",)
    list_select_related = ("user", "company")
    search_fields = ("user__email", "company__company_no")
    autocomplete_fields = ("user", "company")

    def save_model(self, request: HttpRequest, obj: Any, form: Form, change: bool) -> None:
        """By the services."""
        _put_member(request, obj, form.changed_data)
        obj.__dict__.update(Membership.objects.get(company=obj.company, user=obj.user).__dict__)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """By the service."""
        _remove_member(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """The same of several."""
        for row in queryset:
            _remove_member(request, row)


@admin.register(Store)
class StoreAdmin(AuditedAdmin):
    """Stores. A change of level, category or status holds from the present performance day on (DM-11)."""

    list_display = ("store_no", "name", "company", "level", "status", "mode", "opened_at")
    list_filter = ("level", "status", "mode")
    list_select_related = ("company",)
    search_fields = ("store_no", "name", "company__company_no")
    autocomplete_fields = ("company",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A number given once is what imports know the store by; one that can't stand in addresses is to be
        replaced."""
        return ("store_no",) if obj and is_usable(obj.store_no) else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Form, change: bool) -> None:
        """Save and keep what holds from today."""
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            record_period(store=obj, day=performance_day(timezone.now()))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As with companies."""
        return False


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """The audit trail: read by staff, changed by nobody (DM-33)."""

    list_display = ("at", "label", "store_no", "company_no", "subject_kind", "subject_key", "by", "cause", "changes")
    search_fields = ("store_no",)
    search_help_text = _("Store number, then kind and key of the subject: each exact")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """By store, subject kind and key, in the order of the index."""
        words = search_term.replace("\x00", "").split(maxsplit=2)
        return queryset.filter(**dict(zip(("store_no", "subject_kind", "subject_key"), words, strict=False))), False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """The columns, and how they read."""
        return ["label", "by", "changes", *super().get_fields(request, obj)]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """A page of events, with the names of all their actors."""
        changelist = super().get_changelist_instance(request)
        names = names_of_actors(event.actor for event in changelist.result_list)
        for event in changelist.result_list:
            event.actor_name = names[event.actor]
        return changelist

    @admin.display(description=_("kind"), ordering="kind")
    def label(self, event: Event) -> Any:
        """What happened."""
        return event_label(event)

    @admin.display(description=_("actor"))
    def by(self, event: Event) -> str:
        """Who did it, by the name that they have now."""
        known = getattr(event, "actor_name", None)
        return known or names_of_actors([event.actor])[event.actor]

    @admin.display(description=_("changes"))
    def changes(self, event: Event) -> str:
        """Values before and after."""
        return event_text(event)


class OutboxFilter(admin.SimpleListFilter):
    """Rows that wait for a person, or all."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("given_up", _("given up"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return LEASES.given_up(queryset, at=timezone.now()) if self.value() else queryset


@admin.register(OutboxEntry)
class OutboxAdmin(ReadOnlyAdmin):
    """What subscribers have still to do. Staff have what was given up tried again, or discard it (RL-03)."""

    list_display = ("event_id", "subscriber", "subject", "attempts", "retry_at", "error")
    list_filter = ("subscriber", OutboxFilter)
    actions = ("retry", "discard")

    @admin.action(description=_("Try again what was given up"), permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: Any) -> None:
        count = retry_outbox(entries=queryset, actor=principal_of_user(request.user).actor, at=timezone.now())
        messages.success(request, _("%(count)s rows are tried again.") % {"count": count})

    @admin.action(description=_("Discard what was given up: its subscriber never acts on it"), permissions=["retry"])
    def discard(self, request: HttpRequest, queryset: Any) -> None:
        count = discard_outbox(entries=queryset, actor=principal_of_user(request.user).actor, at=timezone.now())
        messages.success(request, _("%(count)s rows were discarded.") % {"count": count})

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Whoever may run nights again."""
        return request.user.has_perm(RETRY_PERMISSION)


@admin.register(Deadline)
class DeadlineAdmin(StoreRowAdmin):
    """Countdowns of stores and companies, which they name by id."""

    list_display = ("due_at", "kind", "owner", "subject_kind", "subject_key", "state", "attempts", "retry_at")
    list_filter = ("state",)
    list_select_related = ()
    search_fields = ("store_id",)
    search_help_text = _("Store number, or store number and order or record number")
    number_paths = ("subject_key",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the number of the store or company."""
        stores = Store.objects.filter(pk=OuterRef("store_id")).values("store_no")
        companies = Company.objects.filter(pk=OuterRef("company_id")).values("company_no")
        number = Coalesce(Subquery(stores), Subquery(companies))
        rows: QuerySet[Any] = super().get_queryset(request).annotate(owner_no=number)
        return rows

    @admin.display(description=_("store or company"))
    def owner(self, deadline: Any) -> str:
        return str(deadline.owner_no)


register(StorePeriod, StoreRowAdmin, list_display=("store", "effective_from", "level", "primary_category", "status"))
register(Feed, StoreRowAdmin, list_display=("store", "kind", "known_until", "supplied_at"))
register(RegisteredCarrier, StoreRowAdmin, list_display=("store", "carrier_code", "registered_at"))
register(
    Listing,
    StoreRowAdmin,
    list_display=("store", "sku", "title", "category", "price_usd", "status"),
    number_paths=("sku",),
)
register(
    ListingVersion,
    StoreRowAdmin,
    list_display=("store", "sku", "title", "category", "price_usd", "image_file"),
    number_paths=("sku",),
)
register(
    Category,
    list_display=("code", "name", "name_en", "parent_code", "all_flags"),
    search_fields=("code", "name", "name_en"),
    ordering=("code",),
)
register(
    Carrier,
    list_display=("code", "name", "approved", "official", "scan_interval_hours"),
    search_fields=("code", "name"),
    list_filter=("approved", "official"),
    ordering=("code",),
)
register(FxRate, list_display=("currency", "day", "usd_rate"), search_fields=("currency__exact",))


def _is_administrator(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))
