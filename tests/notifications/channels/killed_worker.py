"""A process that sends what is due by DingTalk to a server on loopback, from the database named on its command line."""

import sys
from datetime import datetime

import django
from django.conf import settings


def main() -> None:
    settings.DATABASES["default"]["NAME"] = sys.argv[1]
    settings.OUTGOING_PRIVATE_NETWORKS, settings.OUTGOING_ALLOW_HTTP = ["127.0.0.1/32"], True
    settings.OUTGOING_PORTS = [int(sys.argv[2])]
    django.setup()
    from notifications.channels.delivering import deliver
    from notifications.rules import ChannelName

    deliver(ChannelName.DINGTALK, at=datetime.fromisoformat(sys.argv[3]))


if __name__ == "__main__":
    main()
