"""The exports of a person."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from exports.models import ExportJob
from stores.principals import Person

SHOWN = 50


def exports_of(person: Person) -> Sequence[ExportJob]:
    """The latest that the person asked for."""
    return list(_own(person).order_by("-pk")[:SHOWN])


def get_export(person: Person, export_id: int) -> ExportJob:
    """The person's export. Raises Http404 for anybody else's, as for one that isn't there (RL-08)."""
    return get_object_or_404(_own(person), pk=export_id)


def _own(person: Person) -> QuerySet[ExportJob]:
    return ExportJob.objects.filter(person=person.user).select_related("person", "company", "store__company")
