"""Loads what a web process needs before its first request, so that no request pays for it."""

import gc
from pathlib import Path

from django.conf import settings
from django.template import engines
from django.template.backends.django import DjangoTemplates
from django.urls import get_resolver
from django.utils import translation


def warm() -> None:
    """Load addresses, views, translations and templates, and take them out of garbage collection.

    They live as long as the process; a full collection that walks through them all takes a tenth of a second, which
    every fiftieth page or so would wait for."""
    get_resolver().reverse_dict  # noqa: B018 (asking for it fills it)
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            translation.gettext("Dianwei")
    for name in template_names():
        engines["django"].get_template(name)
    gc.collect()
    gc.freeze()


def template_names() -> list[str]:
    """The pages and fragments of the product itself; those of other packages load when they are asked for."""
    engine = engines["django"]
    assert isinstance(engine, DjangoTemplates)
    return sorted(
        file.relative_to(folder).as_posix()
        for folder in map(Path, engine.engine.dirs)
        for file in folder.rglob("*.html")
        if file.relative_to(folder).parts[0] != "admin"
    )
