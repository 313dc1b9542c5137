"""The channels of the product, by name."""

from notifications.channels.declaring import Channel
from notifications.channels.dingtalk.transport import DINGTALK
from notifications.channels.feishu.transport import FEISHU, LARK
from notifications.channels.mail.transport import MAIL
from notifications.channels.push.transport import PUSH
from notifications.channels.sms.transport import SMS
from notifications.channels.wecom.transport import WECOM
from notifications.rules import ChannelName

CHANNELS: dict[ChannelName, Channel] = {
    channel.name: channel for channel in (MAIL, SMS, PUSH, DINGTALK, FEISHU, LARK, WECOM)
}
