"""After-sales guides to buyers (AF-09). When one is due is the matter of the order's clocks."""

from datetime import datetime

from django.db import transaction

from core.events import record_event
from orders.models import GuideText, Order, OutgoingMessage
from orders.queries.guides import guide_languages, guide_of
from orders.queries.variables import values_of
from orders.rules.languages import language_for
from orders.rules.texts import filled
from orders.services.sending import write_to_buyer
from rulebook.queries import policy_at
from stores.models import Store
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


@transaction.atomic
def save_guide(
    *, store: Store, sku: str, stage: str, language: str, text: str, expected: int, at: datetime, actor: str
) -> bool:
    """Add the next version of a guide; an empty text goes back to the shipped one. ``expected`` is the latest version
    that the writer knew, 0 for none; False if there is a newer one (RL-06)."""
    rows = GuideText.objects.filter(store=store, sku=sku, stage=stage, language=language)
    if rows.filter(version__gt=expected).exists():
        return False
    _row, is_new = rows.get_or_create(
        store=store,
        sku=sku,
        stage=stage,
        language=language,
        version=expected + 1,
        defaults={"text": text, "created_at": at, "actor": actor},
    )
    if not is_new:
        return False
    record_event(
        kind="guide.changed",
        subject_kind="store",
        subject_key=store.store_no,
        store_no=store.store_no,
        actor=actor,
        at=at,
        after={"sku": sku, "language": language, "stage": stage, "version": expected + 1},
        cause="AF-09",
    )
    return True
