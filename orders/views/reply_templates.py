"""A company's own reply templates: list, write, change, remove (PN-15, PN-23)."""

from django.contrib import messages as notes
from django.db import IntegrityError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.pages.responses import render_page
from orders.forms.messages import ReplyTemplateForm
from orders.models import ReplyTemplate
from orders.presenters.reply_templates import template_page, templates_page
from orders.services.templates import remove_template, save_template
from rulebook.queries import policy_at
from stores.access import WRITE, StoreRequest, may_write, store_view
from stores.actors import names_of_actors
from stores.principals import Area


@require_safe
@store_view(area=Area.ORDERS)
def reply_templates(request: StoreRequest) -> HttpResponse:
    """The company's own templates."""
    rows = list(ReplyTemplate.objects.filter(company=request.store.company_id).order_by("name", "language"))
    names = names_of_actors({row.actor for row in rows})
    writes = may_write(request.principal, request.store, Area.ORDERS)
    return render_page(request, "orders/reply_templates.html", templates_page(request, rows, names, writes))


@require_http_methods(["GET", "HEAD", "POST"])
@store_view(area=Area.ORDERS, roles=WRITE)
def reply_template_new(request: StoreRequest) -> HttpResponseBase:
    """Write a template; ``?absence=1`` begins one that is sent while nobody is there."""
    return _edited(request, ReplyTemplate(absence="absence" in request.GET))


@require_http_methods(["GET", "HEAD", "POST"])
@store_view(area=Area.ORDERS, roles=WRITE)
def reply_template(request: StoreRequest, pk: int) -> HttpResponseBase:
    """Change a template."""
    return _edited(request, get_object_or_404(ReplyTemplate, company=request.store.company_id, pk=pk))


@require_POST
@store_view(area=Area.ORDERS)
def reply_template_remove(request: StoreRequest, pk: int) -> HttpResponseBase:
    """Remove a template; one that is gone stays gone."""
    template = ReplyTemplate.objects.filter(company=request.store.company_id, pk=pk).first()
    if template is not None:
        remove_template(template=template, at=timezone.now(), actor=request.principal.actor)
    notes.success(request, _("The template is removed."))
    return redirect("orders:reply_templates", request.store.store_no)


def _edited(request: StoreRequest, template: ReplyTemplate) -> HttpResponseBase:
    at = timezone.now()
    languages = policy_at(at).notices.template_languages
    initial = {"expected": template.version}
    form = ReplyTemplateForm(request.POST or None, instance=template, initial=initial, languages=languages)
    if request.method == "POST" and form.is_valid():
        template.version = form.cleaned_data["expected"] or template.version
        return _saved(request, form, template)
    status = 422 if form.errors else 200
    return render_page(
        request, "orders/reply_template.html", template_page(request, form, _stored(template)), status=status
    )


def _saved(request: StoreRequest, form: ReplyTemplateForm, template: ReplyTemplate) -> HttpResponseBase:
    known, status, conflict = _stored(template), 422, ""
    try:
        at, actor = timezone.now(), request.principal.actor
        if save_template(template=template, company=request.store.company, at=at, actor=actor):
            notes.success(request, _("Saved."))
            return redirect("orders:reply_templates", request.store.store_no)
        status, conflict = 409, _who(template)
    except IntegrityError:
        form.add_error("name", _("There is a template of this name in this language."))
    page = template_page(request, form, known, conflict)
    return render_page(request, "orders/reply_template.html", page, status=status)


def _stored(template: ReplyTemplate) -> ReplyTemplate | None:
    return template if template.pk else None


def _who(template: ReplyTemplate) -> str:
    row = ReplyTemplate.objects.filter(pk=template.pk).first()
    return names_of_actors([row.actor])[row.actor] if row else ""
