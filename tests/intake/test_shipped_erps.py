"""Exports of ERPs and AliExpress's funds flow in the dress in which they come: copies are never orders (IX-06)."""

import pytest
from django.utils import translation

from intake.reading import Answers, Memory
from tests.intake.converting import below, converted, text_file, workbook

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("IX-06", "IX-06b")]
SHANGHAI = Answers(zone="Asia/Shanghai", currency="USD", stores={"01lilamps": "S1", "02wangtrains": "S2", "ebay": "."})


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


# ── Dianxiaomi ─────────────────────────────────────────────────────────────────────────────────────────────────────

DIANXIAOMI = (
    *(
        "发货日期",
        "订单号",
        "交易号",
        "平台",
        "店铺",
        "商品SKU",
        "平台SKU",
        "销量",
        "订单总价",
        "订单手续费",
        "营销费用",
    ),
    *("物流费用", "采购成本", "其他费用", "退款费用", "利润", "运单号", "发货仓库"),
)
SOLD = {"发货日期": "2026-05-02", "订单号": "XM1", "交易号": "8199633578334501", "店铺": "01 Li Lamps",
        "商品SKU": "ERP-1",
        "平台SKU": "LAMP-1", "销量": "2", "订单总价": "1,022.50", "退款费用": "--", "运单号": "LP1"}  # fmt: skip


def test_dianxiaomi_brings_lines_and_parcels_and_no_days_of_dispatch(tmp_path):
    total = {"发货日期": "合计($)", "销量": "4", "订单总价": "2,045.00"}
    second = {**SOLD, "平台SKU": "", "商品SKU": "ERP-2", "销量": "1", "运单号": "--"}
    other = {**SOLD, "交易号": "8199633578334502", "店铺": "02 WANG Trains", "平台SKU": "RAILS"}
    foreign = {**SOLD, "交易号": "26-1", "店铺": "eBay"}
    found = converted(
        workbook(tmp_path / "sales.xlsx", *below(DIANXIAOMI, total, SOLD, second, other, foreign)), SHANGHAI
    )
    assert found.kind == "dianxiaomi-sales"
    assert list(found.files) == ["order_lines", "shipments"]
    assert found.rows("order_lines", "store_no", "order_no", "sku", "quantity") == [
        ("S1", "8199633578334501", "LAMP-1", "2"),
        ("S1", "8199633578334501", "ERP-2", "1"),
        ("S2", "8199633578334502", "RAILS", "2"),
    ]
    assert found.rows("shipments", "order_no", "tracking_no", "shipped_at") == [
        ("8199633578334501", "LP1", ""),
        ("8199633578334502", "LP1", ""),
    ]
    assert found.bundle.warnings == [
        "sales.xlsx · orders: 1 rows of stores that were left out",
        "sales.xlsx · orders: 4 cells of 发货日期 name only a day: too vague to judge by, they were left empty",
    ]


def test_stores_are_told_by_a_table_and_asked_for_once(tmp_path):
    path = workbook(tmp_path / "sales.xlsx", *below(DIANXIAOMI, SOLD, {**SOLD, "店铺": "Trains"}))
    look = converted(path, Answers(zone="Asia/Shanghai"), is_look=True).bundle.looks[0]
    # One is called like a store here; that is only proposed.
    assert (look.open, look.names) == (["stores"], {"01 Li Lamps": "", "Trains": "S2"})
    refused = converted(path, Answers(zone="Asia/Shanghai", stores={"trains": "S2"})).bundle.rejected
    assert "say which each is with --store-name 'NAME=NUMBER': 01 Li Lamps" in str(refused)
    names = {("dianxiaomi-sales", "01lilamps"): "S1", ("dianxiaomi-sales", "trains"): "."}
    zone = {("dianxiaomi-sales", "S1"): Answers(zone="Asia/Shanghai")}
    memory = Memory(names=names, stores=zone, known={"S1": "Lamps", "S2": "Trains"})
    assert converted(path, Answers(), memory=memory).rows("order_lines", "store_no") == [("S1",)]


def test_dashes_in_dianxiaomi_are_no_sku_and_no_order(tmp_path):
    unpaired = {**SOLD, "平台SKU": "--", "商品SKU": "ERP-2"}
    by_hand = {**SOLD, "订单号": "XM2", "交易号": "--"}
    found = converted(text_file(tmp_path / "sales.csv", *below(DIANXIAOMI, unpaired, by_hand)), SHANGHAI)
    assert found.rows("order_lines", "order_no", "sku") == [("8199633578334501", "ERP-2")]
    assert "rows without the platform's order number were left out: 1" in str(found.bundle.warnings)


# ── Mabang ─────────────────────────────────────────────────────────────────────────────────────────────────────────

MABANG = (
    *("订单编号", "交易编号", "店铺名", "平台", "订单状态", "SKU", "商品数量", "货运单号", "物流渠道", "客户账号"),
    *("商品总金额", "订单总金额", "付款时间", "发货时间", "最后发货期限", "签收时间"),
)
ORDERED = {"订单编号": "M1", "交易编号": "8001", "店铺名": "01 Li Lamps", "SKU": "LAMP", "商品数量": "1",
           "货运单号": "LP1",
           "物流渠道": "CAINIAO", "客户账号": "ana_l", "订单总金额": "22.50", "付款时间": "2026-05-01 08:05:00",
           "发货时间": "2026-05-02 09:00:00", "最后发货期限": "2026-05-08 08:05:00",
           "签收时间": "2026-05-20 10:00:00"}  # fmt: skip


def test_mabang_leaves_cells_blank_that_repeat_the_order_above(tmp_path):
    headings = (*MABANG, "下单时间", "币种")
    first = {**ORDERED, "下单时间": "2026-05-01 08:00:00", "币种": "USD"}
    second = {"SKU": "BULB", "商品数量": "3"}
    other = {**first, "订单编号": "M2", "交易编号": "8002", "签收时间": ""}
    found = converted(workbook(tmp_path / "mabang.xlsx", *below(headings, first, second, other)), SHANGHAI)
    assert found.kind == "mabang-orders"
    columns = ("order_no", "created_at", "ship_by", "delivered_at", "total_amount", "tracking_no", "carrier")
    assert found.rows("orders", *columns) == [
        ("8001", "2026-05-01T00:00:00Z", "2026-05-08T00:05:00Z", "2026-05-20T02:00:00Z", "22.50", "LP1", "CAINIAO"),
        ("8002", "2026-05-01T00:00:00Z", "2026-05-08T00:05:00Z", "", "22.50", "LP1", "CAINIAO"),
    ]
    lines = found.rows("order_lines", "order_no", "sku", "quantity")
    assert lines == [("8001", "LAMP", "1"), ("8001", "BULB", "3"), ("8002", "LAMP", "1")]
    assert "ana_l" not in str(found)


def test_an_order_of_mabang_s_own_is_not_the_rest_of_the_one_above(tmp_path):
    headings = (*MABANG, "下单时间", "币种")
    first = {**ORDERED, "下单时间": "2026-05-01 08:00:00", "币种": "USD", "签收时间": ""}
    by_hand = {"订单编号": "M2", "店铺名": "01 Li Lamps", "SKU": "SAMPLE", "商品数量": "1", "货运单号": "LP2"}
    below_it = {"SKU": "BULB", "商品数量": "3"}
    found = converted(text_file(tmp_path / "mabang.csv", *below(headings, first, by_hand, below_it)), SHANGHAI)
    assert list(found.files) == ["orders", "order_lines"]
    assert found.rows("order_lines", "order_no", "sku") == [("8001", "LAMP")]
    assert found.bundle.warnings == ["mabang.csv: rows without the platform's order number were left out: 2"]


def test_mabang_without_the_time_of_ordering_makes_no_orders(tmp_path):
    found = converted(workbook(tmp_path / "mabang.xlsx", *below(MABANG, ORDERED)), SHANGHAI)
    assert list(found.files) == ["order_lines", "shipments"]
    assert found.rows("shipments", "tracking_no", "shipped_at") == [("LP1", "2026-05-02T01:00:00Z")]
    assert "does not tell created_at" in found.bundle.looks[0].notes[0]


PROFIT = (
    *(
        "订单编号",
        "交易号",
        "结算状态",
        "店铺名称",
        "站点",
        "国家",
        "订单业务模式",
        "平台sku*数量",
        "库存sku",
        "付款日期",
    ),
    *(
        "发货日期",
        "创建时间",
        "物流渠道",
        "货运单号",
        "原始币种",
        "应收货款(原始货币)",
        "汇率",
        "收入-小计",
        "支出-小计",
    ),
    *("店长", "是否拆分订单", "是否合并订单", "是否重发订单", "是否赠品订单"),
)
EARNED = {"订单编号": "M1", "交易号": "8001", "店铺名称": "01 Li Lamps", "国家": "Spain",
          "平台sku*数量": "LAMP*2;BULB*1",
          "创建时间": "2026-05-01 08:00:00", "付款日期": "2026-05-01 08:05:00", "发货日期": "2026-05-02",
          "货运单号": "LP1", "原始币种": "USD", "应收货款(原始货币)": "22.50", "收入-小计": "160.00",
          "订单业务模式": "非半托管订单", "是否拆分订单": "否", "是否重发订单": "否"}  # fmt: skip


def test_copies_in_an_erp_are_never_orders_of_their_own(tmp_path):
    resent = {**EARNED, "订单编号": "M1-2", "货运单号": "LP2", "是否重发订单": "是", "应收货款(原始货币)": "0"}
    gift = {**EARNED, "订单编号": "M9", "交易号": "8009", "货运单号": "LP9", "是否赠品订单": "是"}
    path = workbook(tmp_path / "profit.xlsx", *below(PROFIT, EARNED, resent, gift))
    found = converted(path, SHANGHAI)
    assert found.kind == "mabang-profit"
    columns = ("order_no", "total_amount", "currency", "site", "tracking_no", "fulfilled_by", "shipped_at")
    # The platform's own amount, not the one in RMB.
    assert found.rows("orders", *columns) == [("8001", "22.50", "USD", "Spain", "LP1", "seller", "")]
    assert found.rows("order_lines", "order_no", "sku", "quantity") == [("8001", "LAMP", "2"), ("8001", "BULB", "1")]
    assert found.rows("shipments", "order_no", "tracking_no") == [("8001", "LP2"), ("8009", "LP9")]
    assert "1 orders appear only as split, merged, re-sent or gift rows" in str(found.bundle.warnings)


# ── Lingxing ───────────────────────────────────────────────────────────────────────────────────────────────────────

LINGXING = ("发货时间", "平台单号", "系统单号", "MSKU", "SKU", "数量", "商品金额", "商品客付运费", "发货仓库", "状态",
            "客服备注",
            "运单号", "标签", "品名", "订单来源", "订单类型", "ASIN/商品Id")  # fmt: skip
PACKED = {"发货时间": "05/13/2026", "平台单号": "8001", "系统单号": "L1", "MSKU": "LAMP", "数量": "2", "商品金额": "20",
          "状态": "仓库已出库", "运单号": "LP1", "客服备注": "call Ana"}  # fmt: skip


def test_lingxing_fills_down_and_joins_suffixes_on_the_order(tmp_path):
    merged = {"MSKU": "BULB", "数量": "1", "商品金额": "5"}
    resent = {**PACKED, "平台单号": "8001-1", "系统单号": "L2", "运单号": "LP2"}
    split = [
        {**PACKED, "平台单号": f"8002-{part}", "系统单号": f"L{part}", "数量": "1", "运单号": f"LP3{part}"}
        for part in "12"
    ]
    kept = {**PACKED, "平台单号": "8003", "状态": "不发货"}
    found = converted(workbook(tmp_path / "lx.xlsx", *below(LINGXING, PACKED, merged, resent, *split, kept),
                      sheet="sheet1"),
                      Answers(store="S1", zone="Asia/Shanghai"))  # fmt: skip
    assert found.kind == "lingxing-orders"
    lines = found.rows("order_lines", "order_no", "line_no", "sku", "quantity")
    assert lines == [("8001", "1", "LAMP", "2"), ("8001", "2", "BULB", "1"), ("8002", "1", "LAMP", "2")]
    assert found.rows("shipments", "order_no", "tracking_no", "shipped_at") == [
        ("8001", "LP1", ""), ("8001", "LP2", ""), ("8002", "LP31", ""), ("8002", "LP32", ""),
    ]  # fmt: skip
    assert "rows that are not sent: 1" in str(found.bundle.warnings)
    assert "call Ana" not in str(found)


def test_an_item_of_lingxing_without_msku_is_not_the_one_above(tmp_path):
    unpaired = {"SKU": "BULB", "数量": "1", "商品金额": "5"}
    path = text_file(tmp_path / "lx.csv", *below(LINGXING, PACKED, unpaired))
    found = converted(path, Answers(store="S1", zone="Asia/Shanghai"))
    columns = ("order_no", "sku", "quantity", "amount")
    assert found.rows("order_lines", *columns) == [("8001", "LAMP", "2", "20"), ("8001", "BULB", "1", "5")]


# ── AliExpress's funds flow ────────────────────────────────────────────────────────────────────────────────────────

FUNDS = ("结算时间", "收支类型", "费用项", "商品描述", "商品ID", "Sku ID", "商品信息", "变动金额", "币种", "订单号",
         "业务单号",
         "渠道流水单号", "平台流水单号", "资金渠道", "渠道账号", "备注", "操作")  # fmt: skip
RELEASED = {"结算时间": "2026-05-20 10:00:00", "收支类型": "收入", "费用项": "订单放款", "变动金额": "20.00",
            "币种": "USD",
            "订单号": "8001", "业务单号": "B1", "平台流水单号": "P1", "渠道账号": "ana@example.com"}  # fmt: skip


@pytest.mark.parametrize("booked", ["csv", "xlsx"])
def test_only_income_is_settled_and_nothing_is_netted(tmp_path, booked):
    freight = {
        **RELEASED,
        "结算时间": "2026-05-21 10:00:00",
        "变动金额": "2.50",
        "费用项": "运费放款",
        "平台流水单号": "P2",
    }
    fee = {**RELEASED, "变动金额": "-1.60", "费用项": "佣金", "平台流水单号": "P3"}
    account = {**RELEASED, "订单号": "", "变动金额": "-9.90", "费用项": "年费", "平台流水单号": "P4"}
    mixed = [{**RELEASED, "订单号": "8002", "平台流水单号": "P5"},
             {**RELEASED, "订单号": "8002", "币种": "CNY", "平台流水单号": "P6"}]  # fmt: skip
    rows = below(FUNDS, RELEASED, freight, RELEASED, fee, account, *mixed)
    path = tmp_path / f"收支流水.{booked}"
    found = converted(workbook(path, *rows) if booked == "xlsx" else text_file(path, *rows, mark="\ufeff"),
                      Answers(store="S1", zone="America/Los_Angeles"))  # fmt: skip
    assert found.kind == "aliexpress-funds"
    good, bad = found.files["settlements"]
    assert good == {"store_no": "S1", "order_no": "8001", "released_at": "2026-05-21T17:00:00Z", "amount": "22.50",
                    "currency": "USD"}  # fmt: skip
    assert "has rows in several currencies" in bad["_refused"]
    label = found.bundle.looks[0].label
    assert found.bundle.warnings == [
        f"{label}: 1 rows repeat an item; the latest of each counts",
        f"{label}: fees and refunds were left out, they are no income: 1 (佣金)",
        f"{label}: bookings without an order were left out: 1",
    ]
    assert "ana@example.com" not in str(found)


@pytest.mark.parametrize(
    "headings",
    [
        ("订单号", "包裹号", "店铺", "SKU", "产品规格", "产品名称"),
        ("订单编号", "交易号", "店铺名称", "毛利"),
        ("平台单号", "SKU", "数量"),
        ("结算时间", "金额", "订单号"),
    ],
)
def test_a_neighbour_is_none_of_them(tmp_path, headings):
    found = converted(text_file(tmp_path / "export.csv", headings, ["1"] * len(headings)), is_look=True)
    assert found.kind == ""
