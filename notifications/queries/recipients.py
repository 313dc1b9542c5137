"""Who is told of a message, and in which order (BX-08)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from notifications.models import ChainMember, CompanySchedule, Delivery, InboxMessage, MailPreference
from notifications.rules import MessageGroup, Pace
from rulebook.queries import policy_at
from stores.models import Membership, User

Role = Membership.Role
Kind = InboxMessage.Kind
# Who can act on a deadline; whoever may read is enough to open a notice.
ACTING = frozenset({Role.OWNER, Role.MANAGER})


def members_of(company_ids: Collection[int]) -> dict[int, list[Membership]]:
    """The members of companies who can sign in, with their accounts, by company."""
    rows = Membership.objects.filter(company__in=company_ids, user__is_active=True)
    found: dict[int, list[Membership]] = defaultdict(list)
    for membership in rows.select_related("user").order_by("pk"):
        found[membership.company_id].append(membership)
    return found


def is_chained(message: InboxMessage) -> bool:
    """Whether groups of people are told one after the other: of a red notice, until somebody opens it."""
    return message.kind in (Kind.ISSUED, Kind.ESCALATED) and message.group == MessageGroup.RED


def chain_of(
    members: Iterable[Membership], responsible_id: int | None, places: Mapping[int, int] | None = None
) -> list[list[User]]:
    """The groups of a company in the order in which they are told of a red notice that nobody opens: the member
    responsible, then by ``places`` (the step of each member) and at last everybody else, or, where a company chose
    no steps, managers, then owners. Nobody is in two, and no group is empty."""
    members = list(members)
    first = [one.user for one in members if one.user_id == responsible_id]
    others = [one for one in members if one.user_id != responsible_id]
    steps = _chosen_steps(others, places) if places else _steps_by_role(others)
    return [step for step in (first, *steps) if step]


def _steps_by_role(members: Iterable[Membership]) -> list[list[User]]:
    return [[one.user for one in members if one.role == role] for role in (Role.MANAGER, Role.OWNER)]


def _chosen_steps(members: Iterable[Membership], places: Mapping[int, int]) -> list[list[User]]:
    last = max(places.values()) + 1
    steps: dict[int, list[User]] = defaultdict(list)
    for one in members:
        steps[places.get(one.user_id, last)].append(one.user)
    return [steps[place] for place in sorted(steps)]


def chain_places(company_ids: Collection[int]) -> dict[int, dict[int, int]]:
    """The steps that companies chose, by company and member."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    rows = ChainMember.objects.filter(company__in=company_ids)
    for company_id, user_id, place in rows.values_list("company_id", "user_id", "place"):
        found[company_id][user_id] = place
    return found


def chain_pauses(company_ids: Collection[int], at: datetime) -> dict[int, timedelta]:
    """How long companies wait before the next people are told, by company."""
    usual = policy_at(at).beyond.chain_hours
    chosen = CompanySchedule.objects.filter(company__in=company_ids).exclude(chain_hours=None)
    hours = dict(chosen.values_list("company_id", "chain_hours"))
    return {company_id: timedelta(hours=hours.get(company_id) or usual) for company_id in company_ids}


def next_step(steps: Sequence[Sequence[User]], told: Collection[int]) -> Sequence[User]:
    """The first group of which nobody was told; empty after the last."""
    return next((step for step in steps if not any(user.pk in told for user in step)), ())


def told_people(message_ids: Collection[int]) -> dict[int, set[int]]:
    """The ids of the people to whom messages were sent, by message."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = Delivery.objects.filter(message__in=message_ids).exclude(recipient=None)
    for message_id, user_id in rows.values_list("message_id", "recipient_id"):
        found[message_id].add(user_id)
    return found


def preferred_paces(user_ids: Collection[int]) -> dict[tuple[int, str], Pace]:
    """What people chose for e-mails, by person and group."""
    rows = MailPreference.objects.filter(user__in=user_ids).values_list("user_id", "group", "pace")
    return {(user_id, MessageGroup(group)): Pace(pace) for user_id, group, pace in rows}
