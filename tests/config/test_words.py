"""One word, one meaning: what pages call states, what packages say in our name, and words of the engine (PG, DM-28)."""

import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import polib
import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import translation

from config.package_texts import TEXTS
from tools.translations import CATALOGUE, ROOT

pytestmark = pytest.mark.sqlite_only

OWN = set(settings.OWN_APPS) - {"config"}
PACKAGES = Path(polib.__file__).parent
# What of the packages people get to read: sign-in, second factor, sessions, the admin and forms.
READ = (
    "allauth/account",
    "allauth/mfa",
    "allauth/usersessions",
    "allauth/core",
    "allauth/templates/account",
    "allauth/templates/mfa",
    "allauth/templates/usersessions",
    "allauth/templates/allauth",
    "axes",
    "django/contrib/admin",
    "django/contrib/auth",
    "django/core",
    "django/forms",
    "django/views",
)
LEFT_OUT = {"tests", "locale", "management", "migrations"}
# Names and marks that are the same in Chinese.
SAME_IN_CHINESE = {"WebAuthn", "IPv4", "IPv6", ":?.!", ":", "…", "%(class_name)s %(instance)s"}
# Where our word for a text of a package is another one on purpose, and right wherever the package shows it too.
OURS_ON_PURPOSE = {
    "Add",
    "English",
    "Filter",
    "Recovery codes",
    "Sessions",
    "Sign in with a passkey",
    ", ",
    "name",
    "key",
}
# Texts of packages that they show nowhere in this product.
NEVER_SHOWN = {"Order", "Note", "created", "sent"}


def test_the_word_of_a_state_stands_for_nothing_else() -> None:
    """The label of a choice is shared with no column, model or other choice, unless a context distinguishes them."""
    uses: dict[tuple[str, ...], set[str]] = defaultdict(set)
    choices = set()
    for model in apps.get_models():
        if model._meta.app_label in OWN:
            note(uses, model._meta.verbose_name, f"model {model.__name__}")
            for field in model._meta.get_fields():
                note(uses, getattr(field, "verbose_name", ""), f"column {model.__name__}.{field.name}")
    for enumeration in own_choices():
        for member in enumeration:
            choices.add(note(uses, member._label_, f"choice {enumeration.__module__}.{enumeration.__qualname__}"))
    shared = {text: sorted(uses[text]) for text in choices if text and len(uses[text]) > 1}
    assert {text: where for text, where in shared.items() if text[0] != "subject"} == {}


def own_choices() -> Iterator[type[models.TextChoices]]:
    for enumeration in models.TextChoices.__subclasses__():
        if enumeration.__module__.split(".")[0] in OWN:
            yield enumeration


def note(uses: dict[tuple[str, ...], set[str]], label: object, use: str) -> tuple[str, ...]:
    """Remember where a translated text is used, by its context and id; return these."""
    text = tuple(getattr(label, "_args", ()))
    if text:
        uses[text].add(use)
    return text


@pytest.fixture(scope="module")
def package_texts(tmp_path_factory: pytest.TempPathFactory) -> list[polib.POEntry]:
    """The texts of packages on pages that people read, taken from their sources."""
    folder = tmp_path_factory.mktemp("packages")
    catalogue = folder / "locale/en/LC_MESSAGES/django.po"
    catalogue.parent.mkdir(parents=True)
    for source in package_sources():
        copy = folder / source.relative_to(PACKAGES)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-m", "django", "makemessages", "-l", "en", "--no-location", "-v", "0"]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return list(polib.pofile(str(catalogue)))


def package_sources() -> Iterator[Path]:
    for part in READ:
        for path in (PACKAGES / part).rglob("*"):
            if path.suffix in {".py", ".html", ".txt"} and not LEFT_OUT & set(path.parts):
                yield path


def test_packages_speak_chinese_and_politely(package_texts: Iterable[polib.POEntry]) -> None:
    wrong = {}
    with translation.override("zh-hans"):
        for entry in package_texts:
            text = translated(entry)
            if entry.msgid not in SAME_IN_CHINESE and (text == entry.msgid or "你" in text):
                wrong[entry.msgid] = text
    assert wrong == {}


def translated(entry: polib.POEntry) -> str:
    if entry.msgctxt:
        return translation.pgettext(entry.msgctxt, entry.msgid)
    if entry.msgid_plural:
        return translation.ngettext(entry.msgid, entry.msgid_plural, 1)
    return translation.gettext(entry.msgid)


def test_our_words_do_not_change_the_meaning_of_the_packages_own(package_texts: Iterable[polib.POEntry]) -> None:
    """Our catalogue comes before those of the packages: one of our texts that they use too is theirs as well."""
    ours = {entry.msgid: entry.msgstr for entry in polib.pofile(str(ROOT / CATALOGUE)) if not entry.msgctxt}
    used = {entry.msgid for entry in package_texts if not entry.msgctxt}
    theirs = [
        entry
        for catalogue in PACKAGES.glob("**/locale/zh_Hans/LC_MESSAGES/django.po")
        for entry in polib.pofile(str(catalogue))
        if entry.msgid in used and not entry.msgctxt and entry.msgstr and "你" not in entry.msgstr
    ]
    other = {entry.msgid for entry in theirs if ours.get(entry.msgid, entry.msgstr) != entry.msgstr}
    named = {text for text in TEXTS if isinstance(text, str)}
    assert other - named - OURS_ON_PURPOSE - NEVER_SHOWN == set()


def test_chinese_uses_the_words_of_the_trade() -> None:
    """Words that sellers would stumble over, and the one that they use."""
    unusual = {"评判": "考核", "失误": "未达标", "回应": "回复", "推演": "模拟测算", "回到线内": "恢复达标", "你": "您"}
    texts = [
        *(
            text
            for entry in polib.pofile(str(ROOT / CATALOGUE))
            for text in (entry.msgstr, *entry.msgstr_plural.values())
        ),
        *(
            line
            for path in sorted((ROOT / "rulebook/texts").glob("*.txt"))
            for line in path.read_text(encoding="utf-8").splitlines()
            if line.startswith("zh:")
        ),
    ]
    assert [text for text in texts if any(word in text for word in unusual)] == []
