"""Evidence lies in a folder of the test's own."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def evidence_folder(settings: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "evidence"
    disk = {"BACKEND": "evidence.storage.DiskStorage", "OPTIONS": {"location": folder}}
    settings.STORAGES = {**settings.STORAGES, "evidence": disk}
    return folder
