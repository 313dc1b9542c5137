"""What confirmed risk cases bring, by kind (TM-07, PN-35, AF-12, PN-42), and what penalties tell of a store's past."""

from orders.cases import CaseConsequence, PastEvent, declare_consequence, tell_past
from penalties.presenters import verdicts as words
from penalties.presenters.past import past_events
from penalties.queries import verdicts as outcomes
from penalties.queries.past import past_penalties
from penalties.services import verdicts as services
from stores.models import Store

CLOSING_KINDS = ("closing_review", "store_closing", services.CLOSING)
# Operations look into the store and choose what follows.
REVIEW_KINDS = ("licence_recheck", "shs_review", "linked_stores")

declare_consequence(
    "fake_dispatch",
    CaseConsequence(outcomes.fake_dispatch_outcome, words.fake_dispatch_words, services.punish_fake_dispatch),
)
declare_consequence(
    "review_manipulation",
    CaseConsequence(outcomes.manipulation_outcome, words.manipulation_words, services.punish_manipulation),
)
declare_consequence(
    "inducement",
    CaseConsequence(outcomes.inducement_outcome, words.inducement_words, services.punish_inducement),
)
for kind in CLOSING_KINDS:
    declare_consequence(
        kind, CaseConsequence(outcomes.closing_outcome, words.proposal_words, services.propose_consequence)
    )
for kind in REVIEW_KINDS:
    declare_consequence(
        kind,
        CaseConsequence(outcomes.chosen_outcome, words.proposal_words, services.propose_consequence, words.CHOICES),
    )


def _past(store: Store, most: int) -> list[PastEvent]:
    return list(past_events(past_penalties(store, most)))


tell_past(_past)
