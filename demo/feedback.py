"""Reviews and conversations about an order, as rows of the bundle; only what has happened by now is written."""

from random import Random

from demo.behaviour import Behaviour
from demo.bundle import Tables
from demo.draws import DAY, HOUR, DemoClock, around, between, flag_text, instant_text
from demo.order_planner import Order
from demo.texts import ANSWERS, AUTOMATIC, SOLICITING, question, review_text
from demo.world import CARRIERS, TEXT_LANGUAGES


def stars(behaviour: Behaviour, rng: Random) -> int:
    """One star value of a buyer: five unless drawn lower."""
    draw = rng.random()
    if draw < behaviour.negative:
        return 1 if rng.random() < 0.55 else 2
    if draw < behaviour.negative + behaviour.neutral:
        return 3
    return 4 if draw < behaviour.negative + behaviour.neutral + behaviour.four else 5


def spoken(language: str) -> str:
    """The language that a buyer of a site writes in here."""
    return language if language in TEXT_LANGUAGES else "en"


def add_reviews(tables: Tables, order: Order, behaviour: Behaviour, clock: DemoClock, rng: Random) -> None:
    """The buyer's review (sometimes revised or followed by another), the automatic one, or both in turn (AF-07)."""
    if order.confirmed is None or order.delivered is None:
        return
    eager = rng.random()
    if eager < behaviour.review:
        start = order.confirmed if order.confirmed_by == "buyer" else order.delivered
        created = start + (between(rng, 60, 5400) if rng.random() < 0.5 else min(around(rng, 1.5 * DAY, 0.8), 9 * DAY))
        if order.refunded is None or created < order.refunded:
            _buyer_review(tables, order, created, behaviour, clock, rng)
        return
    held = order.first_dispute is not None or order.refunded is not None or order.abnormal
    if held or not CARRIERS[order.carrier].approved:
        return
    automatic = (order.confirmed // DAY + 1) * DAY + between(rng, 5, 30)
    if automatic > clock.now:
        return
    row = (order.store_no, order.order_no, "auto", instant_text(automatic), "", "", "", "", "", "")
    tables.add("reviews", row)
    if eager > 0.96:
        _buyer_review(tables, order, automatic + between(rng, 0.2 * DAY, 27 * DAY), behaviour, clock, rng)


def _buyer_review(
    tables: Tables, order: Order, created: int, behaviour: Behaviour, clock: DemoClock, rng: Random
) -> None:
    if created > clock.now:
        return
    described = stars(behaviour, rng)
    revised = None
    if described <= 3 and rng.random() < 0.15:
        revised = created + between(rng, DAY, 6 * DAY)
        if revised <= clock.now:
            described = 5
        else:
            revised = None
    _review_row(tables, order, created, revised, described, behaviour, rng)
    again = created + between(rng, 2 * DAY, 20 * DAY)
    if rng.random() < 0.02 and again <= clock.now:
        _review_row(tables, order, again, None, stars(behaviour, rng), behaviour, rng)


def _review_row(
    tables: Tables, order: Order, created: int, revised: int | None, described: int, behaviour: Behaviour, rng: Random
) -> None:
    others = ["", ""]
    if rng.random() < 0.85:
        others = [str(min(5, max(1, described + rng.choices((-1, 0, 1), (8, 84, 8))[0]))) for _ in range(2)]
    text = review_text(order.site.language, described, rng) if rng.random() < 0.55 else ""
    photo = flag_text(rng.random() < 0.18)
    instants = (instant_text(created), instant_text(revised))
    row = (order.store_no, order.order_no, "buyer", *instants, str(described), others[0], others[1], text, photo)
    tables.add("reviews", row)


class Conversation:
    """Writes the messages of one store, numbered in the order they are made."""

    def __init__(self, tables: Tables, store_no: str, clock: DemoClock, rng: Random) -> None:
        self.tables, self.store_no, self.clock, self.rng = tables, store_no, clock, rng
        self.count = 0

    def say(self, order: Order, at: int, sender: str, text: str, language: str, automatic: bool = False) -> None:
        """One message, if it has been sent by now."""
        if at > self.clock.now:
            return
        self.count += 1
        number = f"M{self.store_no}{self.count:06d}"
        given = language if self.rng.random() < 0.8 else ""
        row = (self.store_no, number, order.order_no, instant_text(at), sender, text, given, flag_text(automatic))
        self.tables.add("messages", row)

    def add_thread(self, order: Order, behaviour: Behaviour) -> None:
        """A buyer's question at some stage of the order, answered as the store does."""
        rng = self.rng
        if order.paid is None or rng.random() >= behaviour.thread:
            return
        stage, asked = self._stage(order)
        language = spoken(order.site.language)
        self.say(order, asked, "buyer", question(language, stage, rng), language)
        if rng.random() < 0.2:
            self.say(order, asked + between(rng, 120, 3600), "buyer", "??" if rng.random() < 0.3 else "…", language)
        self._reply(order, asked, language, behaviour)

    def _stage(self, order: Order) -> tuple[str, int]:
        rng = self.rng
        assert order.paid is not None
        draw = rng.random()
        if order.delivered is not None and draw < 0.35:
            return "after", order.delivered + between(rng, HOUR, 6 * DAY)
        if order.shipped is not None and draw < 0.75:
            return "transit", order.shipped + between(rng, DAY, 8 * DAY)
        return "before", order.paid + between(rng, 0.1 * HOUR, 30 * HOUR)

    def _reply(self, order: Order, asked: int, language: str, behaviour: Behaviour) -> None:
        """In time, late, never, only automatically, or in a language the buyer cannot read."""
        rng = self.rng
        draw = rng.random()
        texts = ANSWERS[language]
        if draw < behaviour.reply_never:
            return
        draw -= behaviour.reply_never
        if draw < behaviour.reply_automatic:
            self.say(order, asked + between(rng, 5, 40), "seller", AUTOMATIC[language], language, automatic=True)
            if rng.random() < 0.5:
                return
        elif draw < behaviour.reply_automatic + behaviour.reply_foreign:
            self.say(order, asked + between(rng, HOUR, 12 * HOUR), "seller", rng.choice(ANSWERS["zh"]), "zh")
            if rng.random() < 0.6:
                return
        late = rng.random() < behaviour.reply_late
        wait = between(rng, 25 * HOUR, 70 * HOUR) if late else min(around(rng, 1.6 * HOUR, 1.0), 23 * HOUR)
        self.say(order, asked + wait, "seller", rng.choice(texts), language)
        if behaviour.negative > 0.15 and rng.random() < 0.04:
            self.say(order, asked + wait + 600, "seller", SOLICITING, "en")
