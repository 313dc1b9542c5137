"""Exports of ERPs that Chinese sellers use, and AliExpress's funds flow (IX-06).

What an ERP copies (split, merged, re-sent, gift rows) is never an order of its own. A day of dispatch is no instant: it
is left empty, since limits are in hours.
"""

from django.utils.translation import gettext_noop as _

from intake.profiles.mapping.declared import NOT_TAKEN, MappingProfile, SkipRule
from intake.profiles.mapping.declared import ColumnMapping as Map

ZONE = "Asia/Shanghai"
_NO_NUMBER = _("rows without the platform's order number were left out")
COPIES = ("是否拆分订单", "是否合并订单", "是否重发订单", "是否赠品订单")

ALIEXPRESS_FUNDS = MappingProfile(
    "aliexpress-funds",
    _("AliExpress funds flow (Chinese back end)"),
    (("变动金额", "费用项", "结算时间"),),
    (
        Map("order_no", ("订单号",)),
        Map("released_at", ("结算时间",)),
        Map("amount", ("变动金额",), sums=True),
        Map("currency", ("币种",)),
    ),
    file="settlements",
    grain="item",
    skip=(
        SkipRule("订单号", "empty", (), _("bookings without an order were left out")),
        SkipRule("变动金额", "not_positive", (), _("fees and refunds were left out, they are no income"), "费用项"),
    ),
    item_key=("平台流水单号", "渠道流水单号", "业务单号", "费用项", "结算时间", "变动金额"),
    persons=("渠道账号", "备注"),
    ignored=("收支类型", "商品描述", "商品ID", "Sku ID", "商品信息", "渠道流水单号", "资金渠道", "操作"),
    zone="America/Los_Angeles",
    currency="USD",
)
DIANXIAOMI_SALES = MappingProfile(
    "dianxiaomi-sales",
    _("Dianxiaomi sales and profit export"),
    (("交易号", "平台SKU", "采购成本", "发货仓库"),),
    (
        Map("store_no", ("店铺",)),
        Map("order_no", ("交易号",)),
        Map("shipped_at", ("发货日期",), day_only=NOT_TAKEN),
        Map("sku", ("平台SKU", "商品SKU")),
        Map("quantity", ("销量",)),
        Map("tracking_no", ("运单号",)),
    ),
    grain="item",
    skip=(
        SkipRule("发货日期", "begins", ("合计",)),
        SkipRule("订单号", "begins", ("合计",)),
        SkipRule("交易号", "empty", (), _NO_NUMBER),
    ),
    ignored=("订单号", "平台", "商品SKU", "订单总价", "订单手续费", "营销费用", "物流费用", "采购成本", "其他费用",
             "退款费用",
             "利润", "发货仓库"),
    zone=ZONE,
    currency="USD",
)  # fmt: skip
MABANG_ORDERS = MappingProfile(
    "mabang-orders",
    _("Mabang order export"),
    (("订单编号", "交易编号", "货运单号"), ("订单编号", "交易编号", "最后发货期限")),
    (
        Map("store_no", ("店铺名",)),
        Map("order_no", ("交易编号",)),
        # The export's columns are the user's choice; these name the platform's own time of ordering.
        Map("created_at", ("下单时间", "订单创建时间")),
        Map("paid_at", ("付款时间",)),
        Map("ship_by", ("最后发货期限",)),
        Map("shipped_at", ("发货时间",), day_only=NOT_TAKEN),
        Map("delivered_at", ("签收时间",)),
        Map("carrier", ("物流渠道",)),
        Map("tracking_no", ("货运单号",)),
        Map("sku", ("SKU",)),
        Map("quantity", ("商品数量",)),
        Map("total_amount", ("订单总金额",)),
        Map("currency", ("币种",)),
        Map("buyer_ref", ("客户账号",)),
    ),
    grain="item",
    fills_down=True,
    erp_number="订单编号",
    skip=(SkipRule("交易编号", "empty", (), _NO_NUMBER),),
    copies=COPIES,
    ignored=("平台", "订单状态", "商品总金额"),
    lacks=("结算状态",),
    zone=ZONE,
    currency="USD",
)
MABANG_PROFIT = MappingProfile(
    "mabang-profit",
    _("Mabang profit report"),
    (("是否拆分订单", "是否重发订单", "交易号"),),
    (
        Map("store_no", ("店铺名称",)),
        Map("order_no", ("交易号",)),
        Map("created_at", ("创建时间",)),
        Map("paid_at", ("付款日期",), day_only=NOT_TAKEN),
        Map("shipped_at", ("发货日期",), day_only=NOT_TAKEN),
        Map("site", ("国家",)),
        Map("carrier", ("物流渠道",)),
        Map("tracking_no", ("货运单号",)),
        Map("items", ("平台sku*数量",)),
        # The other amounts are RMB at the report's rate; this one is the platform's own.
        Map("total_amount", ("应收货款(原始货币)",), sums=True),
        Map("currency", ("原始币种",)),
        Map("fulfilled_by", ("订单业务模式",), {"半托管仓发订单": "platform", "非半托管订单": "seller"}),
    ),
    grain="item",
    item_key=("订单编号",),
    skip=(SkipRule("交易号", "empty", (), _NO_NUMBER),),
    copies=COPIES,
    persons=("订单备注", "店长", "业务员"),
    ignored=("结算状态", "站点", "商品名称", "库存sku*数量", "库存sku", "组合sku", "itemId", "结算时间", "订单重量",
             "计量重量",
             "仓库", "物流公司", "买家自选物流", "内部单号", "平台", "汇率", "收入-…", "支出-…", "预估运费", "实际运费",
             "退款金额", "销量", "退货数量", "退货入库数量", "商品种类", "毛利", "毛利率", "是否测评单", "是否FBA订单",
             "是否COD订单", "放款订单", "平台订单状态"),
    zone=ZONE,
    currency="USD",
)  # fmt: skip
LINGXING_ORDERS = MappingProfile(
    "lingxing-orders",
    _("Lingxing AliExpress orders"),
    (("平台单号", "系统单号", "MSKU"),),
    (
        Map("order_no", ("平台单号",)),
        Map("shipped_at", ("发货时间",), day_only=NOT_TAKEN),
        Map("sku", ("MSKU", "SKU")),
        Map("quantity", ("数量",)),
        Map("line_amount", ("商品金额",), sums=True),
        Map("tracking_no", ("运单号",)),
    ),
    grain="item",
    fills_down=True,
    erp_number="系统单号",
    suffix="-",
    skip=(
        SkipRule("平台单号", "empty", (), _NO_NUMBER),
        SkipRule("状态", "is", ("不发货",), _("rows that are not sent")),
    ),
    persons=("客服备注",),
    ignored=("SKU", "商品客付运费", "发货仓库", "标签", "品名", "订单来源", "订单类型", "ASIN/商品Id"),
    dates="month",
    zone=ZONE,
    currency="USD",
)

ERPS = (ALIEXPRESS_FUNDS, DIANXIAOMI_SALES, MABANG_PROFIT, MABANG_ORDERS, LINGXING_ORDERS)
