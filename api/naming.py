"""How events name programs: `program:` and the client's id (DM-33)."""

from collections.abc import Iterable

from api.models import ApiClient
from stores.actors import PROGRAM, name_actors

__all__ = ["name_programs"]


@name_actors(PROGRAM)
def name_programs(client_ids: Iterable[str]) -> dict[str, str]:
    """Names of clients by id."""
    return dict(ApiClient.objects.filter(client_id__in=list(client_ids)).values_list("client_id", "name"))
