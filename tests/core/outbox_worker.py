"""A process that delivers what waits in the outbox of the database named on its command line, until nothing is due.

Its subscriber counts the events of each subject in a row. One delivered twice, or before an earlier one, is an error.
"""

import sys
import time
from collections.abc import Sequence
from typing import Any

import django
from django.conf import settings


def count(events: Sequence[Any]) -> None:
    from stores.models import Category

    for event in events:
        row, _made = Category.objects.get_or_create(code=event.subject_key, defaults={"name": "0"})
        if event.after["place"] != int(row.name):
            raise RuntimeError(f"{event.subject_key} {event.after['place']} after {row.name}")
        Category.objects.filter(pk=row.pk).update(name=str(int(row.name) + 1))
        time.sleep(0.002)


def main() -> int:
    settings.DATABASES["default"]["NAME"] = sys.argv[1]
    django.setup()
    from django.utils import timezone

    from core.outbox import delivering
    from core.outbox.subscribers import subscriber

    subscriber("counted", kinds=("company.created",))(count)
    delivering.ENTRIES_AT_ONCE = 20
    return 1 if delivering.run_outbox(at=timezone.now()).failed else 0


if __name__ == "__main__":
    sys.exit(main())
