"""Commands print everything in one language, independent of the pages' default."""

import os
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation


def terminal_language() -> str:
    """Return the language that the terminal asks for, Chinese or English (pages ask the browser and the person)."""
    wanted = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    return "zh-hans" if wanted.lower().startswith("zh") else "en"


class TranslatedCommand(BaseCommand):
    """A command with all its words translated: it speaks the terminal's language."""

    def spoken(self) -> str:
        return terminal_language()

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command in its language."""
        with translation.override(self.spoken()):
            return super().execute(*args, **options)


class EnglishCommand(TranslatedCommand):
    """A command with words of its own in English only: what it quotes of the pages is in English too."""

    def spoken(self) -> str:
        return "en"
