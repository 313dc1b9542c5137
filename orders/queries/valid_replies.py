"""Which replies are valid (PN-23): what the metrics count and what the message desk shows are the same SQL."""

from core.sql import SQL, Composable, Literal, literals
from rulebook.periods import per_policy
from rulebook.policy import Policy


def understood_sql(policy: Policy) -> Composable:
    """Whether the language of message ``m`` is one of the site of its order ``o``; common languages pass everywhere."""
    spoken = [
        SQL("o.site = {site} AND m.language IN ({languages})").format(
            site=Literal(site.code), languages=literals(site.languages)
        )
        for site in policy.reference.sites
    ]
    return SQL("m.language IN ({anywhere}) OR o.site NOT IN ({sites}) OR {spoken}").format(
        anywhere=literals(policy.notices.reply_any_languages),
        sites=literals(site.code for site in policy.reference.sites),
        spoken=SQL(" OR ").join(spoken),
    )


def valid_reply_sql() -> Composable:
    """Whether message ``m`` of order ``o`` answers its buyer: the seller's, not automatic, in a language that the buyer
    reads or that could not be detected."""
    return SQL("m.sender = 'seller' AND NOT m.automatic AND (m.language = '' OR {understood})").format(
        understood=per_policy(understood_sql, SQL("o.created_at"))
    )
