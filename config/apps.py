"""Makes `config` a Django app, so that its commands are found."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The assembly: settings, addresses, tasks, launcher, operations."""

    name = "config"
    verbose_name = "Dianwei"
