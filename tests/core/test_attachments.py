"""Downloads keep their name for every store number (RL-12)."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.http import HttpResponse

from core.pages.attachments import attached


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("S1-odr.csv", 'attachment; filename="S1-odr.csv"'),
        ("店铺-1.csv", "attachment; filename*=utf-8''%E5%BA%97%E9%93%BA-1.csv"),
        ('a"b\\c.csv', 'attachment; filename="a_b_c.csv"'),
        ("A/B\r\nX: y.csv", 'attachment; filename="A_B__X_ y.csv"'),
    ],
)
def test_a_name_of_any_script_is_whole_and_stays_one_header(name: str, header: str) -> None:
    assert attached(HttpResponse(), name)["Content-Disposition"] == header


def test_every_download_goes_this_way() -> None:
    """No code writes the header by hand."""
    root = Path(settings.BASE_DIR)
    sources = [path for app in settings.OWN_APPS for path in (root / app).rglob("*.py")]
    by_hand = [path.name for path in sources if re.search(r"content-disposition", path.read_text(), re.IGNORECASE)]
    assert by_hand == ["attachments.py"]
