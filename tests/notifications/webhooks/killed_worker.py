"""A process that sends what is due and stops before it settles: `python -m tests.notifications.webhooks.killed_worker
DATABASE PORT`. It is killed there."""

import sys
import time
from datetime import datetime

import django
from django.conf import settings

from tests.httpserver import allow_loopback


def main() -> None:
    settings.DATABASES["default"]["NAME"] = sys.argv[1]
    django.setup()
    allow_loopback(settings, int(sys.argv[2]))
    from notifications.webhooks import sending

    def stop(*_args: object) -> str:
        print("answered", flush=True)
        time.sleep(60)
        return ""

    sending.settle = stop
    sending.deliver_webhooks(at=datetime.fromisoformat(sys.argv[3]))


if __name__ == "__main__":
    main()
