"""How the actors of events read (DM-33); principals name themselves, see `stores.principals`."""

from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _

from core.events import SYSTEM
from stores.models import User

PERSON, COMMAND, PROGRAM = "person:", "command:", "program:"
DEMO = "demo"

# Gives names to ids, by the prefix of actors whom an app above knows.
Namer = Callable[[Iterable[str]], dict[str, str]]
_namers: dict[str, Namer] = {}


def name_actors(prefix: str) -> Callable[[Namer], Namer]:
    """Have a function of an app above give names to the ids behind a prefix."""

    def register(namer: Namer) -> Namer:
        _namers[prefix] = namer
        return namer

    return register


def command_actor(name: str) -> str:
    """The id by which events name whoever runs a command on the server."""
    return f"{COMMAND}{name}"


def names_of_actors(actors: Iterable[str]) -> dict[str, str]:
    """How actors read, by id. E-mail addresses, which older versions recorded, read as they are."""
    wanted = set(actors)
    ids = {
        actor: int(number) for actor in wanted if (number := actor.removeprefix(PERSON)) != actor and number.isdigit()
    }
    people = User.objects.in_bulk(set(ids.values())) if ids else {}
    names = {actor: str(people[pk]) for actor, pk in ids.items() if pk in people}
    for prefix, namer in _namers.items():
        known = {actor.removeprefix(prefix): actor for actor in wanted if actor.startswith(prefix)}
        names |= {known[key]: name for key, name in (namer(known) if known else {}).items()}
    return {actor: names.get(actor) or _named(actor) for actor in wanted}


def _named(actor: str) -> str:
    if actor == SYSTEM:
        return _("the system")
    if actor == DEMO:
        return _("the demo")
    if actor.startswith(COMMAND):
        return _("command %(name)s") % {"name": actor.removeprefix(COMMAND)}
    if actor.startswith(PROGRAM):
        return _("a program")
    return actor
