"""Which story each notice of the demo has: by store, metric and level, so that every state of PN-33 occurs."""

from collections.abc import Mapping, Sequence

from demo.casework.acting import (
    Step,
    accept,
    appeal,
    appeal_again,
    ask,
    call_complex,
    days,
    hand_in_plan,
    hours,
    open_it,
    reject,
    supplement,
    withdraw,
)

Story = Sequence[Step]
STATEMENT = "所列订单均在发货期限内交给承运商，承运商分拣线检修导致首次扫描延后，随附承运商盖章函件与轨迹截图。"
DISPUTED = "所列纠纷的买家未按要求退回商品，平台会话中已给出换货方案，随附轨迹截图。"
REMEDY = "请提供列有该运单号的承运商盖章函件，或发货期限之前的揽收签收单。"

# Store, metric, level → what is done after the notice's trigger. A notice without a story is only opened.
STORIES: Mapping[tuple[str, str, str], Story] = {
    ("110002", "odr", "red"): (
        hours(3, open_it),
        days(1, appeal(statement=DISPUTED, most=6, letter=False)),
        days(2, accept()),
    ),
    ("120002", "odr", "red"): (),
    ("120002", "dispute_rate", "red"): (
        hours(9, open_it),
        days(3, appeal(statement=DISPUTED, most=5, letter=False, pictures=0)),
        days(4, reject(remedy=REMEDY)),
    ),
    ("120003", "odr", "red"): (
        hours(5, open_it),
        days(2, appeal(statement=DISPUTED, most=3, letter=False, pictures=0)),
        days(2.1, withdraw),
    ),
    ("120003", "dispute_rate", "red"): (
        hours(5, open_it),
        days(6, appeal(statement=DISPUTED, most=4, letter=False)),
        days(7.5, ask(remedy=REMEDY)),
        days(13.3, supplement(answer="补充了完整轨迹。")),
    ),
    # No plan is handed in: a senior reviewer looks at it.
    ("120003", "late_dispatch", "red"): (
        hours(5, open_it),
        days(4, appeal(statement=STATEMENT, most=3, letter=False)),
        days(5, reject(remedy=REMEDY)),
    ),
    ("120004", "odr", "red"): (
        hours(30, open_it),
        days(6, appeal(statement=STATEMENT, most=8)),
        days(7, call_complex),
        days(11, ask(remedy=REMEDY)),
        days(17, supplement(answer="补充了运单号清单。")),
        days(18.5, accept(0.25, remedy=REMEDY)),
        days(
            24,
            hand_in_plan(
                explanation="新仓打包人手不足，差评与纠纷集中在骑行配件。",
                done="下架两款差评最多的骑行配件，更换包装。",
                prevention="上线前做到货抽检，每周复盘差评。",
            ),
        ),
    ),
    ("120004", "dsr", "yellow"): (
        hours(20, open_it),
        days(6, appeal(statement=STATEMENT, most=4)),
        days(7, call_complex),
        days(10, reject(remedy=REMEDY)),
        days(11.5, appeal_again(error="首次审核按旧运单号核对，换单记录未计入。")),
    ),
    ("130003", "dispute_rate", "red"): (
        hours(2, open_it),
        days(1, appeal(statement=DISPUTED, most=3, letter=False, pictures=0)),
        days(2, reject(remedy=REMEDY)),
        days(
            4,
            hand_in_plan(
                explanation="尺寸描述不清，买家误购。",
                done="更新尺寸图并注明公差。",
                prevention="新品上架前核对描述与实物。",
            ),
        ),
    ),
    ("130003", "odr", "red"): (
        hours(12, open_it),
        days(5, appeal(statement=DISPUTED, most=4, letter=False, pictures=0)),
        days(6.5, reject(remedy=REMEDY)),
        days(
            13,
            hand_in_plan(
                explanation="缺陷集中在一款手动工具。",
                done="该款暂停销售并联系买家补发。",
                prevention="供应商来料全检。",
            ),
        ),
    ),
    ("130003", "dispute_rate", "yellow"): (
        hours(20, open_it),
        days(6, appeal(statement=DISPUTED, most=2, letter=False, pictures=0)),
        days(7.4, reject(remedy=REMEDY)),
    ),
    ("130003", "dsr", "yellow"): (
        hours(20, open_it),
        days(6, appeal(statement=STATEMENT, most=3, letter=False)),
        days(7.5, ask(remedy=REMEDY)),
    ),
    ("110002", "late_dispatch", "red"): (hours(6, open_it),),
    ("120001", "late_dispatch", "red"): (
        hours(2, open_it),
        days(0.5, appeal(statement=STATEMENT, most=3, letter=False)),
        days(1.5, reject(remedy=REMEDY)),
    ),
    # Both issued last night; one has not been opened yet, the other is appealed against by hand (APPEALED_LATELY).
    ("120001", "dispute_rate", "red"): (),
    ("120001", "odr", "red"): (),
}
# The story begins at the demo's now: however few minutes old the night is, an appeal waits for its review.
APPEALED_LATELY = ("120001", "odr", (hours(-0.7, open_it), hours(-0.3, appeal(statement=DISPUTED, letter=False))))
# A notice without a story is only opened: a red one before its time is over, a yellow one some days later.
OPENED: Mapping[str, Story] = {"red": (hours(26, open_it),), "yellow": (days(8, open_it),)}
# Reviews and verdicts that are appealed: hours before now at which the appeal is handed in, and what follows.
REVIEWS: Sequence[tuple[str, Story]] = (
    ("120004", (hours(-70, appeal(statement=DISPUTED, letter=False)), hours(-45, accept()))),
    ("120004", (hours(-47, appeal(statement=DISPUTED)),)),
    ("120004", (hours(-66, appeal(statement=DISPUTED, letter=False)), hours(-26, ask(remedy=REMEDY)))),
    ("130003", (hours(-20, appeal(statement=DISPUTED, letter=False)),)),
    ("110002", (hours(-2, appeal(statement=DISPUTED, letter=False, pictures=0, send=False)),)),
)
VERDICTS: Sequence[tuple[str, Story]] = tuple(
    (store_no, (hours(-9, appeal(statement=DISPUTED)),)) for store_no in ("120002", "120004")
)
