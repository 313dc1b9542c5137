"""Makes `config` a Django app, so that its commands are found."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The assembly: settings, addresses, tasks, launcher, operations."""

    name = "config"
    verbose_name = "Dianwei"

    def ready(self) -> None:
        """Load the Celery application, so that `shared_task(...).delay()` in any process finds our broker."""
        from config import celery  # noqa: F401
