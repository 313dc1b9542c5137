"""A command's whole output is in one language: the terminal's where all is translated, else English (IX-10)."""

import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from core.terminal import terminal_language
from tests.intake.helpers import ORDERS, STORES, write

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("IX-10", "IX-07")]
CHINESE = re.compile(r"[一-鿿]")
# Names of options, files, columns and codes are the same in both languages.
SAME = re.compile(
    r"--[a-z-]+|\b[\w/.-]+\.csv\b|\b[a-z]+_[a-z_]+\b|\bS\d\b|\bUSD\b|\bCSV\b|\bISO 8601\b|\bZ\b|T\d|UTF-8"
)


@pytest.mark.parametrize(
    ("name", "value", "language"), [("LANG", "zh_CN.UTF-8", "zh-hans"), ("LC_ALL", "C.UTF-8", "en")]
)
def test_the_terminal_says_the_language(monkeypatch, name, value, language):
    for other in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, value)
    assert terminal_language() == language


def said(monkeypatch, capsys, path: Path, language: str) -> str:
    monkeypatch.setenv("LC_ALL", language)
    call_command("import_bundle", str(path), "--dry-run")
    printed = capsys.readouterr()
    return printed.out + printed.err


@pytest.mark.parametrize("language", ["zh_CN.UTF-8", "en_GB.UTF-8"])
def test_a_report_is_in_one_language(monkeypatch, capsys, tmp_path, language):
    rows = ORDERS + "S1,003,yesterday,,1,USD\nS1,003,2024-05-01T10:00:00Z,,1,USD\nS1,003,2024-05-01T10:00:00Z,,2,USD\n"
    write(tmp_path, stores=STORES, orders=rows.replace("currency\n", "currency,colour\n", 1))
    text = said(monkeypatch, capsys, tmp_path, language).replace(str(tmp_path), "")
    text = re.sub(r"/\S+", "", text)
    if language.startswith("en"):
        assert not CHINESE.search(text)
    else:
        assert CHINESE.search(text)
        assert not re.findall(r"[a-z]{3,}", SAME.sub("", text).replace("colour", "").replace("orders", ""))


def test_a_failure_is_in_the_language_too(monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    with pytest.raises(CommandError, match="不存在"):
        call_command("import_bundle", "/nowhere/at/all")
    with pytest.raises(CommandError, match="不存在"):
        call_command("remove_company", "NOBODY", "--yes")


def test_a_command_with_english_words_quotes_pages_in_english(monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    with pytest.raises(CommandError) as failure:
        call_command("whatif", "--store", "NOBODY")
    assert not CHINESE.search(str(failure.value))
