"""The Django app; installs the shipped policy after every migrate (DM-30)."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def install_shipped(sender: AppConfig, using: str, apps: Any = None, **kwargs: Any) -> None:
    """Version 1 exists as soon as its table does, and again after a flush (which knows no migration state)."""
    from rulebook.services import install_shipped_policy

    if apps is None or "policyversion" in apps.all_models["rulebook"]:
        install_shipped_policy(using=using)


class RulebookConfig(AppConfig):
    name = "rulebook"
    verbose_name = _("rulebook")

    def ready(self) -> None:
        post_migrate.connect(install_shipped, sender=self)
