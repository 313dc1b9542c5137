"""What happens when countdowns of disputes lapse; importing the package registers the handlers (DM-27)."""

from disputes.timers import answering, arbitrating

__all__ = ["answering", "arbitrating"]
