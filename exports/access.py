"""Who may take a list away: whoever may see its page (RL-08)."""

from dataclasses import replace

from django.core.exceptions import PermissionDenied

from exports.declaring import Asked, ListExport, OfPerson, OfStaff, OfStore
from stores.access import READ, get_store
from stores.principals import Person, Visitor


def asked_again(export: ListExport, asked: Asked) -> Asked:
    """What was asked for before a while, if it may be asked for still. Raises Http404 or PermissionDenied as the page
    does."""
    who = asked.principal
    if isinstance(who, Visitor):
        raise PermissionDenied
    match export.access:
        case OfStore(area):
            return replace(asked, place=get_store(who, asked.store.store_no, READ, area))
        case OfStaff(permission):
            if not isinstance(who, Person) or not who.user.is_staff or not who.user.has_perm(permission):
                raise PermissionDenied
        case OfPerson():
            pass
    return asked
