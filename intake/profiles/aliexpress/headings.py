"""The three generations of AliExpress's order export, told apart by their headings (IX-06, IX-06b).

What a heading means is the same in all of them; which ones there are differs. Columns about persons are named, so that
they are neither kept nor shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from intake.reading.dress import Table
from intake.reading.headings import MOST_HEADINGS, heading_key

# Field → headings that stand for it; of several the first that is there counts.
MEANINGS: dict[str, tuple[str, ...]] = {
    "order_no": ("订单号",),
    "status": ("订单状态",),
    "buyer": ("买家名称",),
    "created_at": ("下单时间",),
    "paid_at": ("付款时间",),
    "payment_method": ("支付方式", "付款方式"),
    "goods": ("产品总金额",),
    "freight": ("物流费用",),
    "tax": ("预计增值税",),
    "total": ("订单金额",),
    "codes": ("商品编码", "商家编码"),
    "listings": ("商品ID",),
    "quantity": ("产品数量", "商品数量"),
    "items": ("产品信息（双击单元格展开所有产品信息！）", "产品信息", "商品信息"),
    "site": ("收货国家",),
    "ship_by": ("发货期限",),
    "parcels": ("实际发货单号", "实际发货物流:运单号"),
    "shipped_at": ("发货时间",),
    "confirmed_at": ("确认收货时间",),
    "mode": ("订单业务模式",),
}
NEEDED = ("order_no", "created_at", "total")
# Headings about persons and places: never kept, never shown.
PERSONAL = frozenset(
    map(
        heading_key,
        (
            "买家名称", "买家邮箱", "收货地址", "收货人名称", "收件人名称", "州/省", "城市", "地址", "详细地址", "邮编",
            "联系电话", "手机",
            "联系邮件", "完整收货地址", "完整收货地址（常用语言）", "扩展城市（德/意/波/墨为真实的城市）",
            "National address（仅沙特使用）", "税号", "订单备注", "定制信息", "负责人(业务员)",
        ),
    )
)  # fmt: skip
PERSONAL_STARTS = ("收货人", "收件人", "完整收货", "联系")

_OLD_TAIL, _NEW_TAIL = heading_key("实际发货物流:运单号"), heading_key("实际发货单号")
_NEW_MARKS = frozenset(map(heading_key, ("供货价", "订单业务模式", "买家实付金额")))
_MIDDLE_MARKS = frozenset(map(heading_key, ("产品数量", "预计增值税", "收件人名称")))
_OLD_MARKS = frozenset(map(heading_key, ("满立减", "负责人(业务员)")))


def generation(keys: Iterable[str]) -> str:
    """Which of the layouts the headings are, ``1a`` (to 2019), ``1b`` (to 2023), ``1c`` (since 2024), or none."""
    there = set(keys)
    if not {heading_key(heading) for field in NEEDED for heading in MEANINGS[field]} <= there:
        return ""
    if _NEW_TAIL in there and there & _NEW_MARKS:
        return "1c"
    if there >= _MIDDLE_MARKS:
        return "1b"
    is_old = there & _OLD_MARKS or any(key.startswith("产品信息") for key in there)
    return "1a" if _OLD_TAIL in there and is_old else ""


def is_personal(key: str) -> bool:
    """Whether a heading is about a person."""
    return key in PERSONAL or key.startswith(PERSONAL_STARTS)


@dataclass(frozen=True)
class Layout:
    """Where the fields stand in one table."""

    table: Table

    @cached_property
    def keys(self) -> list[str]:
        """The headings, without what varies."""
        return [heading_key(heading) for heading in self.table.headings[:MOST_HEADINGS]]

    @cached_property
    def places(self) -> dict[str, int]:
        """The first place of each field that is there."""
        return {field: found[0] for field in MEANINGS if (found := self.all_places(field))}

    def all_places(self, field: str) -> list[int]:
        """Every place of a field: some exports have a heading twice."""
        keys = [heading_key(heading) for heading in MEANINGS[field]]
        return [place for key in keys for place, there in enumerate(self.keys) if there == key]

    def has(self, field: str) -> bool:
        """Whether the table has the field."""
        return field in self.places

    def cell(self, cells: Sequence[str], field: str) -> str:
        """A field's text, '' where it isn't there."""
        place = self.places.get(field, len(cells))
        return cells[place].strip() if place < len(cells) else ""

    def shown(self) -> list[int]:
        """Places that a preview may show."""
        known = set(self.places.values())
        return [place for place in sorted(known) if not is_personal(self.keys[place])]
