"""What a web process loads before its first request."""

import gc
from typing import Any

import pytest
from django.template import engines

from config.warming import template_names, warm

pytestmark = [pytest.mark.sqlite_only, pytest.mark.deployment]


@pytest.fixture
def thaw() -> Any:
    yield
    gc.unfreeze()


def test_every_page_is_loaded_and_kept_out_of_collections(thaw: None) -> None:
    before = gc.get_freeze_count()
    warm()
    assert gc.get_freeze_count() > before
    names = template_names()
    assert {"base.html", "dashboard/panel.html", "components/status.html"} <= set(names)
    assert not [name for name in names if name.startswith("admin/")]
    partials = engines["django"].engine.template_loaders[0]
    assert set(names) <= {str(key) for key in partials.loaders[0].get_template_cache}
