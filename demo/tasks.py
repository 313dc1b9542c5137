"""The scheduled reset of a public demo."""

import structlog
from celery import shared_task
from django.utils import timezone

from core.maintenance import PausedError
from demo.resetting import BusyError, is_reset_due
from demo.seeding import seed_demo
from stores.purging import demo_companies

log = structlog.get_logger("dianwei.demo")

# A year of twelve stores takes minutes. A message that is delivered again meanwhile finds the lock taken.
SOFT_LIMIT, HARD_LIMIT = 3500, 3600


@shared_task(name="demo.reset", soft_time_limit=SOFT_LIMIT, time_limit=HARD_LIMIT)
def reset() -> bool:
    """Build the demo anew if its turn has come; one that was killed is begun again by the next look."""
    at = timezone.now()
    if not is_reset_due(at=at) or not demo_companies():
        return False
    try:
        seed_demo(at=at, say=log.info)
    except (BusyError, PausedError):
        return False
    return True
