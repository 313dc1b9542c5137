"""Team chats and a webhook of a demo company. None is on, and all point at addresses that belong to nobody (RFC 2606),
so the demo sends nothing to anyone."""

from datetime import datetime, timedelta

from notifications.models import Connection
from notifications.rules import ChannelName
from notifications.services.connections import add_connection
from notifications.webhooks.endpoints import Wishes, add_endpoint, switch_off
from stores.models import Company, Membership
from stores.principals import Person

CHATS = (
    (ChannelName.DINGTALK, "客服值班群", "https://dingtalk.example.com/robot/send?access_token=demo"),
    (ChannelName.FEISHU, "物流协同群", "https://feishu.example.com/open-apis/bot/v2/hook/demo"),
    (ChannelName.WECOM, "运营负责人群", "https://wecom.example.com/cgi-bin/webhook/send?key=demo"),
)
ENDPOINT = "https://erp.example.com/dianwei/events"
KINDS = ("notice.issued", "penalty.applied")
WHY = "example.com"


def connect_channels(*, company_no: str, at: datetime) -> None:
    """The chats are stopped, as after their robots refused; the webhook was switched off by its owner."""
    company = Company.objects.get(company_no=company_no)
    owner = Membership.objects.select_related("user").filter(company=company, role=Membership.Role.OWNER)
    user = owner.order_by("pk")[0].user
    added_at = at - timedelta(days=12)
    for channel, name, address in CHATS:
        add_connection(
            company=company, channel=channel, name=name, language="zh-hans", address=address, secret="", at=added_at,
            user=user,
        )  # fmt: skip
    # Without an alarm, which would stand on top of every page.
    Connection.objects.filter(company=company).update(
        state=Connection.State.STOPPED, last_error=WHY, last_error_at=added_at
    )
    actor = Person(user).actor
    endpoint, _secret = add_endpoint(company=company, wishes=Wishes(ENDPOINT, KINDS), actor=actor, at=added_at)
    switch_off(endpoint=endpoint, actor=actor, at=added_at)
