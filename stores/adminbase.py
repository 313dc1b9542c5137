"""What all pages of the staff admin share: audit, cheap lists over big tables, readable instants (PG-20, DM-33)."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget, AdminSplitDateTime
from django.core.paginator import Paginator
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import Form, SplitDateTimeField
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from core.events import record_event
from core.fields import DayField, ExactDecimalField, InstantField
from core.identifiers import canonical
from core.pages import formats
from core.timebase import EPOCH_DAY
from stores.models import Company, Store
from stores.principals import principal_of_user

# Lists count no further than this: an exact count of millions of rows costs seconds.
MOST_COUNTED = 10_000

# A heading of the admin's index that Django's own Chinese catalogue lacks.
gettext_noop("Change or view list link")
# Columns that only staff see in words; their fields name themselves after the code.
COLUMN_WORDS = {
    "company": _("company"),
    "user": _("person"),
    "store": _("store"),
    "order": _("order"),
    "notice": _("notice"),
    "source_at": _("exported at"),
    "sku_given": _("SKU as supplied"),
    "ship_by_given": _("dispatch deadline as supplied"),
    "delivered_given": _("delivery as supplied"),
    "refunded_given": _("full refund as supplied"),
    "buyer_ip_hash": _("buyer's network, pseudonym"),
    "ship_address": _("delivery address"),
    "root_code": _("first-level category"),
    "all_flags": _("flags with inherited ones"),
    "request_id": _("request"),
    "subject_id": _("subject"),
    "numerator": _("numerator"),
    "denominator": _("denominator"),
}


class CappedPaginator(Paginator[Any]):
    """Pages through at most the first `MOST_COUNTED` rows; whoever wants others narrows the list."""

    @cached_property
    def count(self) -> int:
        """Number of rows, at most `MOST_COUNTED`."""
        return int(cast(QuerySet[Any], self.object_list)[:MOST_COUNTED].count())


class AuditedAdmin(admin.ModelAdmin[Any]):
    """Writes an event with each change, in its transaction; shows instants in the viewer's zone."""

    show_full_result_count = False
    list_per_page = 50
    formfield_overrides: ClassVar[dict[Any, Any]] = {
        InstantField: {"form_class": SplitDateTimeField, "widget": AdminSplitDateTime},
        DayField: {"widget": AdminDateWidget},
        ExactDecimalField: {"widget": forms.NumberInput(attrs={"step": "any"})},
    }
    # Personal data stays out of the log (DM-33): of these fields it says only that they changed.
    audit_without_values: ClassVar[frozenset[str]] = frozenset()
    # Models whose inline rows services write, with events of their own.
    services_audit: ClassVar[frozenset[type[Model]]] = frozenset()

    def __init__(self, model: type[Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        for column in model._meta.concrete_fields:
            if column.name in COLUMN_WORDS and isinstance(column.verbose_name, str):
                column.verbose_name = COLUMN_WORDS[column.name]
        for field in model._meta.get_fields():
            if isinstance(field, InstantField | DayField | ExactDecimalField):
                setattr(self, f"{field.name}_shown", _shown(field))

    def readable(self, names: Iterable[Any]) -> list[Any]:
        """The names with integers that stand for instants, days or amounts replaced by their readable form."""
        return [f"{name}_shown" if hasattr(self, f"{name}_shown") else name for name in names]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Show instants, days and amounts as what they are."""
        return self.readable(super().get_list_display(request))

    # ── audit ──

    def audit_subject(self, obj: Model) -> dict[str, str]:
        """How the event names the object: subject_kind, subject_key and, where it has them, store_no and company_no."""
        store = obj if isinstance(obj, Store) else getattr(obj, "store", None)
        company = obj if isinstance(obj, Company) else getattr(store or obj, "company", None)
        named = {"subject_kind": str(obj._meta.model_name), "subject_key": str(obj.pk)}
        if store is not None:
            named["store_no"] = store.store_no
        if company is not None:
            named["company_no"] = company.company_no
        return named

    def save_model(self, request: HttpRequest, obj: Any, form: Form, change: bool) -> None:
        """Save and append the event, with what stood before."""
        names = [name for name in form.changed_data if name in {field.name for field in obj._meta.concrete_fields}]
        before = type(obj)._default_manager.filter(pk=obj.pk).first() if change else None
        super().save_model(request, obj, form, change)
        verb = "changed" if change else "added"
        self._audit(request, obj, verb, before=self._values(before, names), after=self._values(obj, names))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save many-to-many choices and rows of inlines; those leave events too."""
        super().save_related(request, form, formsets, change)
        links = [field.name for field in form.instance._meta.many_to_many if field.name in form.changed_data]
        if links:
            chosen = {name: sorted(str(one) for one in getattr(form.instance, name).all()) for name in links}
            self._audit(request, form.instance, "changed", before={}, after=chosen)
        for formset in formsets:
            if formset.model in self.services_audit:
                continue
            for verb, rows in (
                ("added", formset.new_objects),
                ("changed", [row for row, _names in formset.changed_objects]),
                ("deleted", formset.deleted_objects),
            ):
                for row in rows:
                    names = [field.name for field in row._meta.concrete_fields if not field.primary_key]
                    self._audit(request, row, verb, before={}, after=self._values(row, names))

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Append an event per object before it goes."""
        for obj in queryset:
            names = [field.name for field in obj._meta.concrete_fields]
            self._audit(request, obj, "deleted", before=self._values(obj, names), after={})
        return super().log_deletions(request, queryset)

    def _values(self, obj: Model | None, names: list[str]) -> dict[str, Any]:
        if obj is None:
            return {}
        return {name: "…" if name in self.audit_without_values else _plain(obj, name) for name in names}

    def _audit(self, request: HttpRequest, obj: Model, verb: str, *, before: Any, after: Any) -> None:
        record_event(
            kind=f"{obj._meta.model_name}.{verb}",
            actor=principal_of_user(request.user).actor,
            at=timezone.now(),
            before=before,
            after=after,
            cause="PG-20",
            **self.audit_subject(obj),
        )


class ReadOnlyAdmin(AuditedAdmin):
    """For rows that only data, timers and runs may change."""

    list_display_links: Any = None
    paginator = CappedPaginator
    sortable_by: ClassVar[tuple[str, ...]] = ()
    ordering = ("-pk",)
    actions: Any = None

    def __init__(self, model: type[Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        self.list_display_links = self.readable(self.list_display[:1])

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """All columns but those left out on purpose."""
        hidden = set(self.exclude or ())
        return self.readable(field.name for field in self.model._meta.concrete_fields if field.name not in hidden)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Every one of them."""
        return self.get_fields(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes."""
        return False


class StoreRowAdmin(ReadOnlyAdmin):
    """Rows of stores, found by store number and the row's own number: the columns that the indexes begin with."""

    list_select_related: ClassVar[tuple[str, ...]] = ("store",)
    # Attribute paths of the second search word, for an exact match.
    number_paths: ClassVar[tuple[str, ...]] = ()
    search_fields = ("store__store_no",)
    search_help_text: ClassVar[Any] = _("Store number")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Rows of the store that the first word names, narrowed by the second; both exact, so that an index answers."""
        words = [word for word in map(canonical, search_term.replace("\x00", "").split()) if word]
        if not words:
            return queryset, False
        store = Store.objects.filter(store_no=words[0]).first()
        if store is None or len(words) > 2 or (len(words) == 2 and not self.number_paths):
            return queryset.none(), False
        found = queryset.filter(store_id=store.pk)
        if len(words) == 2:
            found = found.filter(**{self.number_paths[0]: words[1]})
        return found, False


def register(model: type[Model], base: type[admin.ModelAdmin[Any]] = ReadOnlyAdmin, **options: Any) -> None:
    """Register a model with a plain read-only page; ``options`` are attributes of its ModelAdmin."""
    if "number_paths" in options:
        options.setdefault("search_help_text", _("Store number, or store number and order or record number"))
    admin.site.register(model, type(f"{model.__name__}Admin", (base,), options))


def _shown(field: Any) -> Callable[[Model], Any]:
    def shown(obj: Model) -> Any:
        return _readable(getattr(obj, field.attname))

    shown.short_description = field.verbose_name  # type: ignore[attr-defined]
    shown.admin_order_field = field.name  # type: ignore[attr-defined]
    return shown


def _readable(value: Any) -> Any:
    if value == EPOCH_DAY:
        return _("from the beginning")
    if isinstance(value, datetime):
        return formats.instant(value, timezone.get_current_timezone(), seconds=True)
    if isinstance(value, date):
        return formats.day(value)
    if isinstance(value, Decimal):
        return formats.number(value, max(-int(value.normalize().as_tuple().exponent), 0))
    return value


def _plain(obj: Model, name: str) -> Any:
    field = obj._meta.get_field(name)
    value = getattr(obj, field.attname)  # type: ignore[union-attr]
    if isinstance(field, ForeignKey) or value is None or isinstance(value, bool | int | str):
        return value
    return value.isoformat() if isinstance(value, datetime | date) else str(value)
