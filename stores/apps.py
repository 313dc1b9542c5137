"""The Django app; installs the categories and carriers known from the start after every migrate (DM-12, DM-15)."""

from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from core.upgrades import tables_are_whole


def install(sender: AppConfig, using: str, apps: Any = None, **kwargs: Any) -> None:
    """The reference rows exist as soon as their tables do, and again after a flush (which knows no migration state)."""
    from rulebook.models import PolicyVersion
    from stores.models import Carrier, Category
    from stores.reference import install_reference

    if using == DEFAULT_DB_ALIAS and tables_are_whole(apps, PolicyVersion, Category, Carrier):
        install_reference()


class StoresConfig(AppConfig):
    name = "stores"
    verbose_name = _("companies and stores")

    def ready(self) -> None:
        """Connect what follows changes and migrations; load each app's ``purging``, what goes with a company."""
        from stores import signals  # noqa: F401
        from stores.roles import make_roles

        post_migrate.connect(make_roles, dispatch_uid="stores.roles")
        post_migrate.connect(install, sender=self)
        autodiscover_modules("purging")
