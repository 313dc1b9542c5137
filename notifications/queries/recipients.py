"""Who is told of a message by e-mail, and in which order (BX-08)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from notifications.models import Delivery, MailPreference
from notifications.rules import MailPace, MessageGroup
from stores.models import Membership, User

Role = Membership.Role
# Who can act on a deadline; whoever may read is enough to open a notice.
ACTING = frozenset({Role.OWNER, Role.MANAGER})


def members_of(company_ids: Collection[int]) -> dict[int, list[Membership]]:
    """The members of companies who can sign in, with their accounts, by company."""
    rows = Membership.objects.filter(company__in=company_ids, user__is_active=True)
    found: dict[int, list[Membership]] = defaultdict(list)
    for membership in rows.select_related("user").order_by("pk"):
        found[membership.company_id].append(membership)
    return found


def chain_of(members: Iterable[Membership], responsible_id: int | None) -> list[list[User]]:
    """The groups of a company in the order in which they are told of a red notice that nobody opens: the member
    responsible, managers, owners. Nobody is in two, and no group is empty."""
    members = list(members)
    steps = [
        [one.user for one in members if one.user_id == responsible_id],
        [one.user for one in members if one.role == Role.MANAGER and one.user_id != responsible_id],
        [one.user for one in members if one.role == Role.OWNER and one.user_id != responsible_id],
    ]
    return [step for step in steps if step]


def next_step(steps: Sequence[Sequence[User]], told: Collection[int]) -> Sequence[User]:
    """The first group of which nobody was told; empty after the last."""
    return next((step for step in steps if not any(user.pk in told for user in step)), ())


def told_people(message_ids: Collection[int]) -> dict[int, set[int]]:
    """The ids of the people to whom messages were sent, by message."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = Delivery.objects.filter(message__in=message_ids)
    for message_id, user_id in rows.values_list("message_id", "recipient_id"):
        found[message_id].add(user_id)
    return found


def preferred_paces(user_ids: Collection[int]) -> dict[tuple[int, str], MailPace]:
    """What people chose, by person and group."""
    rows = MailPreference.objects.filter(user__in=user_ids).values_list("user_id", "group", "pace")
    return {(user_id, MessageGroup(group)): MailPace(pace) for user_id, group, pace in rows}
