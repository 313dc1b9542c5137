"""The documentation keeps up with the product: columns, commands, settings, links."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from intake.canonical import FILES
from intake.canonical.meanings import COLUMNS, SHARED, meaning
from intake.canonical.meanings import FILES as FILE_MEANINGS
from tools import assumptions, data_guide

pytestmark = pytest.mark.sqlite_only

ROOT = Path(settings.BASE_DIR)
# The index of rules is written anew from what is there.
WRITTEN = [path for path in sorted((ROOT / "docs").glob("*.md")) if path.name != "rules.md"]
DOCUMENTS = [ROOT / "README.md", ROOT / "README.zh.md", ROOT / "CONTRIBUTING.md", *WRITTEN]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


@pytest.mark.rule("IX-02")
def test_every_column_of_the_bundle_has_a_meaning_and_no_other() -> None:
    columns = {f"{spec.name}.{column.name}" for spec in FILES.values() for column in spec.columns}
    for name in columns:
        assert meaning(*name.split(".")), name
    assert set(COLUMNS) <= columns
    assert set(SHARED) <= {name.split(".")[1] for name in columns}
    assert set(FILE_MEANINGS) == set(FILES)


@pytest.mark.parametrize("generator", [data_guide, assumptions])
def test_generated_document_is_up_to_date(generator) -> None:
    written = generator.DOCUMENT.read_text(encoding="utf-8")
    name = generator.__name__
    assert written == generator.document(), f"run: python -m {name}"


def test_readme_names_every_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    own = {name for name, app in get_commands().items() if app in settings.OWN_APPS}
    assert own
    assert {name for name in own if f"`{name}" not in text} == set()


@pytest.mark.rule("IX-09")
def test_every_setting_of_the_environment_is_explained() -> None:
    source = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    read = set(re.findall(r"env\.\w+\(\s*\"(\w+)\"", source))
    assert "DATABASE_URL" in read
    assert {name for name in read if f"# {name}=" not in example} == set()


def test_every_dependency_has_its_reason() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    names = [re.split(r"[\[=]", line)[0].lower() for line in lines if line and line[0] not in "#-"]
    reasons = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").lower()
    assert [name for name in names if name not in reasons] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    targets = LINK.findall(document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []
