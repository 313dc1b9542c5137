"""What changes in companies, their members, invitations and stores."""

from stores.services.carriers import register_carrier, unregister_carrier
from stores.services.companies import (
    LastOwnerError,
    add_member,
    change_role,
    change_status,
    create_company,
    disable_person,
    end_sessions,
    hand_over_ownership,
    record_period,
    remove_member,
    use_code,
)
from stores.services.inviting import (
    AddressTakenError,
    AlreadyMemberError,
    InvitationGoneError,
    TooManyInvitationsError,
    accept_invitation,
    find_invitation,
    invite_member,
    join_with_account,
    open_invitations,
    withdraw_invitation,
)

__all__ = [
    "AddressTakenError",
    "AlreadyMemberError",
    "InvitationGoneError",
    "LastOwnerError",
    "TooManyInvitationsError",
    "accept_invitation",
    "add_member",
    "change_role",
    "change_status",
    "create_company",
    "disable_person",
    "end_sessions",
    "find_invitation",
    "hand_over_ownership",
    "invite_member",
    "join_with_account",
    "open_invitations",
    "record_period",
    "register_carrier",
    "remove_member",
    "unregister_carrier",
    "use_code",
    "withdraw_invitation",
]
