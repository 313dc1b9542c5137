"""Django's admin as an app of ours: on the site with the operations desk (PG-20)."""

from django.contrib.admin.apps import AdminConfig


class OperationsAdminConfig(AdminConfig):
    """Its pages are `config.adminsite`'s."""

    default_site = "config.adminsite.OperationsSite"
