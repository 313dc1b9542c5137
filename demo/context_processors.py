"""What pages say about a public demo."""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from demo.resetting import next_reset


def demo_reset(request: HttpRequest) -> dict[str, datetime | None]:
    """Context processor: ``demo_reset``, when what visitors changed is gone."""
    return {"demo_reset": next_reset(at=timezone.now())}
