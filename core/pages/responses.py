"""Pages from typed contexts."""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def render_page(
    request: HttpRequest, template: str, context: "DataclassInstance", *, status: int = 200
) -> HttpResponse:
    """Render a template that reads the fields of a dataclass; its values go along as they are."""
    return render(request, template, context_of(context), status=status)


def context_of(context: "DataclassInstance") -> dict[str, Any]:
    """The fields of a dataclass by name."""
    return {field.name: getattr(context, field.name) for field in fields(context)}
