"""What happens when countdowns of disputes lapse; importing the package registers the handlers (DM-27)."""

from disputes.timers import answering

__all__ = ["answering"]
