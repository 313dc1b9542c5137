"""The Olist Brazilian e-commerce data set as canonical files (IX-06a)."""

from pathlib import Path

from django.utils.translation import gettext as _

from intake.reading import Bundle, BundleError


def open_olist(path: Path, workspace: Path, zone: str = "") -> Bundle:
    raise BundleError(_("placeholder"))
