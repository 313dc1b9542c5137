"""After-sales guides to buyers (AF-09). When one is due is the matter of the order's clocks."""

from datetime import datetime

from django.db import transaction

from orders.models import Order, OutgoingMessage
from orders.queries.guides import guide_languages, guide_of
from orders.queries.languages import language_for
from orders.queries.variables import values_of
from orders.rules.texts import filled
from orders.services.sending import write_to_buyer
from rulebook.queries import policy_at
from stores.principals import System


@transaction.atomic
def send_guide(*, order: Order, stage: str, at: datetime) -> OutgoingMessage | None:
    """Write the guide of a stage, ``first`` or ``second``, to the buyer in a language of the site; None if that was
    done before. It is an automatic message, so it answers nothing (PN-23). A mirrored store's is prepared to copy."""
    Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    if order.outgoing_messages.filter(stage=stage).exists():
        return None
    language = language_for(order.site, set(guide_languages()), policy_at(at))
    guide = guide_of(order.store, order.sku, language, stage)
    outgoing = OutgoingMessage(
        text=filled(guide.text, values_of(order)),
        language=language,
        template=guide.template,
        guide=guide.own,
        stage=stage,
    )
    return write_to_buyer(outgoing=outgoing, order=order, at=at, actor=System().actor, automatic=True)
