"""A company's own reply templates (PN-15, PN-23)."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from core.events import record_event
from orders.models import ReplyTemplate
from stores.models import Company


@transaction.atomic
def save_template(*, template: ReplyTemplate, company: Company, at: datetime, actor: str) -> bool:
    """Add a template, or change it if it is still of the version that ``template`` has; False if somebody was faster
    (RL-06). Raises IntegrityError for a name that the company has in that language."""
    template.company, template.changed_at, template.actor = company, at, actor
    is_new = template.pk is None
    if is_new:
        template.save(force_insert=True)
    elif not _swap(template):
        return False
    _record("reply_template.added" if is_new else "reply_template.changed", template, at, actor)
    return True


@transaction.atomic
def remove_template(*, template: ReplyTemplate, at: datetime, actor: str) -> bool:
    """Remove a template; what was sent with it stays. False where somebody else removed it."""
    if ReplyTemplate.objects.filter(pk=template.pk).delete()[0] == 0:
        return False
    _record("reply_template.removed", template, at, actor)
    return True


def _swap(template: ReplyTemplate) -> bool:
    names = ("name", "language", "text", "absence", "changed_at", "actor")
    rows = ReplyTemplate.objects.filter(pk=template.pk, version=template.version)
    changed = rows.update(version=F("version") + 1, **{name: getattr(template, name) for name in names})
    return changed == 1


def _record(kind: str, template: ReplyTemplate, at: datetime, actor: str) -> None:
    record_event(
        kind=kind,
        subject_kind="company",
        subject_key=template.company.company_no,
        company_no=template.company.company_no,
        actor=actor,
        at=at,
        after={"name": template.name, "language": template.language},
        cause="PN-15",
    )
