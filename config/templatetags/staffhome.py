"""Tags of the staff's first page."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template

from config.staffhome import Shown, Waiting, groups_of, waiting_for

register = template.Library()


@register.simple_tag
def staff_groups(app_list: Iterable[Mapping[str, Any]]) -> list[Shown]:
    """The tables grouped by what staff do with them."""
    return groups_of(app_list)


@register.simple_tag
def staff_waiting(user: Any) -> list[Waiting]:
    """What waits for a person."""
    return waiting_for(user)
