"""Addresses of a page that shows every component, for the browser tests; everything else is the product's."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path, reverse
from django.utils import timezone

from core.pages.charts import Line, Series, figure
from core.pages.tables import Column, Sort

SOURCE = Path(__file__).with_suffix(".html")
COLUMNS = [
    Column("order_no", "订单号", sortable=True),
    Column("paid", "付款时间", sortable=True, descending=True),
    Column("amount", "金额", figure=True),
]
TIERS = [
    (0, "警告"), (Decimal("4.00"), "需改进"), (Decimal("4.30"), "良好"),
    (Decimal("4.50"), "优秀"), (Decimal("4.70"), "卓越"),
]  # fmt: skip


class TrackingForm(forms.Form):
    number = forms.CharField(label="物流单号", help_text="每行一个。", widget=forms.Textarea)
    mode = forms.ChoiceField(label="模式", choices=[("a", "本系统裁决"), ("b", "镜像")], widget=forms.RadioSelect)
    agree = forms.BooleanField(label="已经发出")
    file = forms.FileField(label="文件")


class FilterForm(forms.Form):
    q = forms.CharField(label="订单号", required=False)
    carrier = forms.ChoiceField(label="物流商", required=False, choices=[("", "全部"), ("cn", "Cainiao")])


def _figure() -> dict[str, Any]:
    days = [date(2026, 11, 1) + timedelta(days=i) for i in range(20)]
    values = [Decimal(30 + i) / 1000 for i in range(20)]
    return figure([Series("4.90 %", days, values)], [Line("红线 5 %", Decimal("0.05"), "red")], percent=True, floor=0)


def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component once, in Chinese."""
    now = timezone.now()
    sort = Sort.parse(request.GET.get("sort"), COLUMNS, "-paid")
    rows = sorted(
        ({"order_no": f"8100{i}", "paid": now - timedelta(days=i), "amount": Decimal(1234 + i)} for i in range(4)),
        key=lambda row: row[sort.key],
        reverse=sort.descending,
    )
    context = {
        "nav": {
            "store": {"store_no": "S1", "name": "深圳星河数码旗舰店"},
            "stores": [{"store_no": "S1", "name": "深圳星河数码旗舰店", "url": "/gallery"}],
            "entries": [{"key": k, "label": k, "url": reverse("gallery")} for k in ("健康", "评分", "订单")],
            "current": "健康",
            "figures": {"day": date(2026, 11, 20), "computed_at": now, "next_run_at": now + timedelta(hours=5)},
        },
        "now": now,
        "todo": [
            {"level": "red", "title": "发货超时率 6.20 %", "url": "#", "due": now + timedelta(hours=61),
             "actions": [{"label": "打开", "url": "#", "primary": True}, {"label": "立即整改", "url": "#"}]},
            {"level": "yellow", "title": "回复买家", "url": "#", "due": now - timedelta(minutes=4)},
        ],
        "rating": Decimal("4.62"),
        "tiers": TIERS,
        "dimension": {"value": Decimal("4.02"), "benchmark": Decimal("4.77"), "deviation": Decimal("-0.1572"),
                      "alert": Decimal("-0.15")},
        "tile": {"raw": Decimal("0.062"), "yellow": Decimal("0.04"), "red": Decimal("0.05"),
                 "points": [1, 2, None, 3, 4]},
        "figure": _figure(),
        "table": {"columns": ["日", "值"], "rows": [["2026-11-20", "4.90 %"]]},
        "terms": [{"value": "14", "note": "超时"}, {"op": "÷", "value": "226"},
                  {"op": "=", "value": "6.19 %", "result": True}],
        "tabs": [{"label": "待发货", "url": "#", "current": True, "count": 14}, {"label": "全部", "url": "#"}],
        "columns": COLUMNS,
        "rows": rows,
        "sort": sort,
        "filters": FilterForm(request.GET),
        "entries": [{"at": now, "title": "付款"}, {"at": now + timedelta(days=9), "title": "预计妥投", "future": True}],
        "form": TrackingForm({"mode": "a"}),
        "parts": [{"name": "责任", "points": "22", "most": "35", "share": "62.86", "level": "yellow"}],
        "moment": now,
    }  # fmt: skip
    return HttpResponse(engines["django"].from_string(SOURCE.read_text()).render(context, request))


urlpatterns = [path("gallery", gallery, name="gallery"), path("", include("config.urls"))]
