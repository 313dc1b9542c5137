"""The Django app; installs the shipped policy after every migrate (DM-30)."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from core.upgrades import tables_are_whole


def install_shipped(sender: AppConfig, using: str, apps: Any = None, **kwargs: Any) -> None:
    """Version 1 exists as soon as its table does, and again after a flush (which knows no migration state)."""
    from rulebook.models import PolicyVersion
    from rulebook.services import install_shipped_policy

    if tables_are_whole(apps, PolicyVersion):
        install_shipped_policy(using=using)


class RulebookConfig(AppConfig):
    name = "rulebook"
    verbose_name = _("rulebook")

    def ready(self) -> None:
        post_migrate.connect(install_shipped, sender=self)
