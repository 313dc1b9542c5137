"""What follows `migrate`, also one that ends before the last migration."""

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

from core.upgrades import tables_are_whole
from rulebook.apps import install_shipped
from rulebook.models import PolicyVersion
from stores.apps import install
from stores.models import Category
from stores.roles import make_roles

pytestmark = pytest.mark.sqlite_only


def test_tables_are_whole_after_all_migrations_and_after_a_flush(db: None) -> None:
    executor = MigrationExecutor(connection)
    state = executor.loader.project_state(executor.loader.graph.leaf_nodes()).apps
    assert tables_are_whole(state, PolicyVersion, Category)
    assert tables_are_whole(None, PolicyVersion)


def test_a_migration_to_an_earlier_point_installs_nothing() -> None:
    """Without a database: whoever asked it would fail."""
    nothing, sender = ProjectState().apps, apps.get_app_config("stores")
    assert not tables_are_whole(nothing, PolicyVersion)
    for receiver in (install, install_shipped, make_roles):
        receiver(sender=sender, using="default", apps=nothing)
