"""AliExpress's order export in its three generations, as the seller back end writes it: synthetic orders."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter

from tests.cases import CASES

# Made once with xlwt, since nothing here writes BIFF: two orders under way or completed, one never paid, one that ended
# nobody knows how.
OLD = CASES / "aliexpress" / "cn1234567890_20190501.xls"
MIDDLE = (
    "订单号",
    "订单状态",
    "买家名称",
    "下单时间",
    "付款时间",
    "产品数量",
    "产品总金额",
    "物流费用",
    "预计增值税",
    "平台是否代征代缴",
    "订单金额",
    "店铺优惠",
    "商品信息",
    "商品编码",
    "收货地址",
    "收件人名称",
    "收货国家",
    "州/省",
    "城市",
    "地址",
    "邮编",
    "买家选择物流",
    "发货期限",
    "实际发货单号",
    "发货时间",
    "确认收货时间",
)
NEW = (
    "订单号",
    "订单状态",
    "负责人（业务员）",
    "买家名称",
    "下单时间",
    "付款时间",
    "支付方式",
    "供货价",
    "产品总金额",
    "物流费用",
    "预计增值税",
    "平台是否代征代缴",
    "订单金额",
    "买家实付金额",
    "DDP关税",
    "店铺优惠",
    "托管商家折扣",
    "平台补贴",
    "商品 ID",
    "商品信息",
    "EANcode",
    "商品编码",
    "订单备注",
    "完整收货地址",
    "完整收货地址（常用语言）",
    "收件人名称",
    "联系电话",
    "手机",
    "联系邮件",
    "详细地址",
    "邮编",
    "扩展城市（德/意/波/墨为真实的城市）",
    "城市",
    "州/省",
    "收货国家",
    "National address（仅沙特使用）",
    "税号",
    "买家选择物流",
    "发货期限",
    "实际发货单号",
    "发货时间",
    "确认收货时间",
    "订单业务模式",
    "定制信息",
)
# What must never be kept or shown.
PERSONS = ("Ana Lopez", "Calle Mayor 7", "+34600000000", "ana@example.com", "ES1234567", "28013")

ORDERS: tuple[Mapping[str, str], ...] = (
    {
        "订单号": "8199633578334501",
        "订单状态": "等待买家收货",
        "买家名称": "Ana Lopez",
        "下单时间": "2026-05-01 08:00:00",
        "付款时间": "2026-05-01 08:05:00",
        "支付方式": "MIXEDCARD",
        "产品数量": "2",
        "产品总金额": "US $20.00",
        "物流费用": "US $2.50",
        "订单金额": "US $22.50",
        "商品编码": "LAMP-1",
        "收货地址": "Calle Mayor 7",
        "完整收货地址": "Calle Mayor 7, 28013",
        "收件人名称": "Ana Lopez",
        "联系电话": "+34600000000",
        "手机": "+34600000000",
        "联系邮件": "ana@example.com",
        "详细地址": "Calle Mayor 7",
        "地址": "Calle Mayor 7",
        "邮编": "28013",
        "税号": "ES1234567",
        "收货国家": "Spain",
        "发货期限": "2026-05-08 08:05:00",
        "实际发货单号": "CAINIAO_STANDARD:LP00501\nYANWEN_AM:UA00502",
        "发货时间": "2026-05-02 09:00:00",
        "订单业务模式": "非半托管订单",
    },
    {
        "订单号": "8199633578334502",
        "订单状态": "订单结束",
        "买家名称": "Ana Lopez",
        "下单时间": "2026-05-02 08:00:00",
        "付款时间": "2026-05-02 08:05:00",
        "产品数量": "3",
        "产品总金额": "US $30.00",
        "物流费用": "US $0.00",
        "订单金额": "US $30.00",
        "商品编码": "TRAIN\nRAILS",
        "收货国家": "巴西",
        "发货期限": "2026-05-09",
        "实际发货单号": "CAINIAO_STANDARD:LP00503",
        "发货时间": "2026-05-03 09:00:00",
        "确认收货时间": "2026-05-20 10:00:00",
        "订单业务模式": "半托管仓发订单",
    },
    {
        "订单号": "8199633578334503",
        "订单状态": "订单结束",
        "下单时间": "2026-05-03 08:00:00",
        "产品总金额": "US $9.00",
        "物流费用": "US $1.00",
        "订单金额": "US $10.00",
        "收货国家": "Poland",
        "订单业务模式": "非半托管订单",
    },
    {
        "订单号": "8199633578334504",
        "订单状态": "订单结束",
        "下单时间": "2026-05-03 09:00:00",
        "付款时间": "2026-05-03 09:01:00",
        "产品总金额": "US $9.00",
        "物流费用": "US $1.00",
        "订单金额": "US $10.00",
        "收货国家": "France",
        "订单业务模式": "非半托管订单",
    },
)


def write_export(
    path: Path, headings: Sequence[str] = NEW, orders: Sequence[Mapping[str, str]] = ORDERS, sheet: str = "后台"
) -> Path:
    """A workbook with these orders; a repeated heading has its value twice."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet(sheet)
    page.write_row(0, 0, headings)
    for number, order in enumerate(orders, 1):
        for place, heading in enumerate(headings):
            page.write_string(number, place, order.get(heading, ""))
    book.close()
    return path
