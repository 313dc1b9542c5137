"""The channels of the product, by name."""

from notifications.channels.declaring import Channel
from notifications.channels.mail.transport import MAIL
from notifications.rules import ChannelName

CHANNELS: dict[ChannelName, Channel] = {channel.name: channel for channel in (MAIL,)}
