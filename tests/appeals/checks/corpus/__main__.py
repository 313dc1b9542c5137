"""``python -m tests.appeals.checks.corpus`` writes docs/smart-check.md anew."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from tests.appeals.checks.corpus.trying import write_page  # noqa: E402

write_page()
