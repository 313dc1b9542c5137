"""How long the content of evidence is kept (RL-14).

An app whose rows refer to files says in its module ``purging`` which of its references still need the content; a
reference of which nothing is said always does::

    needs_evidence(AppealFile, lambda before: Q(appeal__state__in=OPEN_STATES) | Q(appeal__decided_at__gte=before))
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.db.models.functions import Coalesce

from evidence.models import EvidenceFile

Needs = Callable[[datetime], Q]
_needs: dict[type[Model], Needs] = {}


def needs_evidence(model: type[Model], needs: Needs) -> None:
    """Declare which rows of a model need their file's content: those of cases that are open, or that ended at or after
    an instant."""
    _needs[model] = needs


def expired_files(before: datetime) -> QuerySet[EvidenceFile]:
    """Files with content that were handed in before an instant and that no reference needs."""
    rows = EvidenceFile.objects.filter(removed_at=None)
    rows = rows.annotate(handed_in_at=Coalesce("repeated_at", "uploaded_at")).filter(handed_in_at__lt=before)
    for model, referring in references():
        needs = _needs.get(model)
        rows = rows.exclude(Exists(referring.filter(needs(before)) if needs else referring))
    return rows.order_by("pk")


def references() -> Iterator[tuple[type[Model], QuerySet[Any]]]:
    """Every model that refers to files, whichever app it belongs to, with its rows that refer to the outer file."""
    for relation in EvidenceFile._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel):
            model = relation.related_model
            assert isinstance(model, type)
            yield model, model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
