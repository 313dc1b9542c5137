"""`manage.py examine_feedback`: looks through new messages and reviews, and warns of unanswered ones (IX-14)."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from core.management.commands.sweep import an_instant
from orders.services.examining import examine_messages
from orders.services.manipulation import examine_reviews
from orders.services.unanswered import warn_of_unanswered


class Command(BaseCommand):
    """It may run beside the worker's tasks, and twice."""

    help = "Look through all messages and reviews that nobody looked through, and warn of waits that end soon."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--at", type=an_instant, help="judge as of this instant (ISO 8601 with offset); default: now"
        )

    def handle(self, *args: Any, at: datetime | None, **options: Any) -> None:
        instant = at or timezone.now()
        counts = []
        for examine in (examine_messages, examine_reviews):
            counts.append(0)
            while found := examine(at=instant):
                counts[-1] += found
        warned = warn_of_unanswered(at=instant)
        self.stdout.write(f"{counts[0]} messages, {counts[1]} reviews, {warned} waits that end soon")
