"""What operations decided in the days before the demo's now: risk cases, and penalties that two people decide on."""

from datetime import datetime, timedelta

from django.db.models import Count

from notifications.models import Notice
from notifications.rules import State
from notifications.services.plans import end_manual_review
from orders.models import Order, RiskCase
from orders.services.cases import decide_risk_case
from orders.services.examining import examine_messages
from orders.services.inducement import report_inducement
from orders.services.manipulation import examine_reviews
from penalties.models import PenaltyProposal
from penalties.rules import PenaltyKind
from penalties.services.proposals import decide_proposal, propose_penalty
from stores.models import Store, User
from stores.principals import Person

FAKE = "承运商确认未揽收该包裹，卖家未能提供揽收凭证，判定为虚假发货。"
GENUINE = "妥投后短时间内的五星评价来自三名无关联的老买家，未发现刷评证据。"
MANIPULATED = "多条五星评价来自同一收货地址的关联买家账号，判定为刷评。"
INDUCED = "站内信中承诺好评返现，已有截图。"
REPORT = "买家举报：卖家承诺五星好评返现 2 美元。"
WARNED = "多次在商品标题中使用与实物不符的品牌词，经提醒仍未修改。"
DELISTED = "商品主图与被投诉成立的图片一致，重新上架前须更换图片。"
AGREED = "证据充分，同意。"
MENDED = "已与商家逐项核对整改材料，确认整改措施已执行，结束人工复核。"


def act_as_operations(*, reviewers: tuple[User, User], at: datetime) -> None:
    """Parcels were found fake, reports of induced reviews confirmed, of suspected manipulation most was dismissed; one
    proposal was confirmed, another one waits for the second person; one manual review of a notice was ended."""
    first, second = reviewers
    for examine in (examine_messages, examine_reviews):
        while examine(at=at - timedelta(days=1)):
            pass
    _judge_fake_dispatch(first, at)
    _judge_inducement(second, at)
    _judge_manipulation(first, at)
    _propose(first, second, at)
    _end_a_manual_review(second, at)


def _open_cases(kind: str) -> list[RiskCase]:
    cases = RiskCase.objects.select_related("store__company").filter(kind=kind, state=RiskCase.State.OPEN)
    return list(cases.filter(store__company__is_demo=True).order_by("opened_at", "pk"))


def _judge_fake_dispatch(reviewer: User, at: datetime) -> None:
    """The store with most cases is caught twice, the next one once."""
    cases = _open_cases("fake_dispatch")
    by_store: dict[int, dict[str, RiskCase]] = {}
    for case in cases:
        by_store.setdefault(case.store_id, {}).setdefault(case.subject_key, case)
    worst = sorted(by_store.values(), key=len, reverse=True)
    caught = [case for most, found in zip((2, 1), worst, strict=False) for case in list(found.values())[:most]]
    for place, case in enumerate(caught):
        decided_at = at - timedelta(hours=20 - place)
        decide_risk_case(case=case, confirmed=True, reason=FAKE, reviewer=reviewer, at=decided_at)


def _judge_inducement(reviewer: User, at: datetime) -> None:
    """Two reports about one store: a warning, then points."""
    reviewed = Order.objects.select_related("store__company").filter(store__store_no="120002", reviews__kind="buyer")
    for order, hours in zip(reviewed.order_by("-created_at")[:2], (26, 12), strict=False):
        case = report_inducement(order=order, reason=REPORT, reporter=reviewer, at=at - timedelta(hours=hours + 4))
        decide_risk_case(case=case, confirmed=True, reason=INDUCED, reviewer=reviewer, at=at - timedelta(hours=hours))


def _judge_manipulation(reviewer: User, at: datetime) -> None:
    """A burst of linked buyers is confirmed; of the quick reviews all but the latest few were looked at."""
    cases = _open_cases("review_manipulation")
    bursts = [case for case in cases if case.facts["cause"] != "quick" and case.store.mode == Store.Mode.GOVERNED]
    quick = [case for case in cases if case.facts["cause"] == "quick"]
    for case in bursts[:1]:
        decide_risk_case(case=case, confirmed=True, reason=MANIPULATED, reviewer=reviewer, at=at - timedelta(hours=15))
    for case in quick[:-3]:
        decide_risk_case(case=case, confirmed=False, reason=GENUINE, reviewer=reviewer, at=at - timedelta(hours=14))


def _propose(first: User, second: User, at: datetime) -> None:
    store = Store.objects.select_related("company").get(store_no="120003")
    best = Order.objects.filter(store=store).exclude(sku="").values("sku").annotate(sold=Count("pk")).order_by("-sold")
    delisting = propose_penalty(
        store=store,
        kind=PenaltyKind.LISTING_DELISTED,
        subject=best[0]["sku"],
        days=3,
        reason=DELISTED,
        by=first,
        at=at - timedelta(hours=9),
    )
    decide_proposal(proposal=delisting, confirmed=True, answer=AGREED, reviewer=second, at=at - timedelta(hours=8))
    if not PenaltyProposal.objects.filter(store=store, kind=PenaltyKind.WARNING).exists():
        propose_penalty(
            store=store, kind=PenaltyKind.WARNING, days=90, reason=WARNED, by=second, at=at - timedelta(hours=2)
        )


def _end_a_manual_review(reviewer: User, at: datetime) -> None:
    """Of the notices whose plans failed, the oldest is resolved; the others wait."""
    notices = Notice.objects.select_related("store__company").filter(store__company__is_demo=True)
    failed = notices.filter(state=State.FAILED).order_by("triggered_at", "pk")
    if len(failed) > 1:
        actor = Person(reviewer).actor
        end_manual_review(notice=failed[0], reason=MENDED, at=at - timedelta(hours=6), actor=actor)
