"""The process that opens files of strangers can do nothing else (RL-09)."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evidence import sandbox
from evidence.inspection import RefusedContentError
from tests.evidence.files import jpeg

pytestmark = [pytest.mark.rule("RL-09"), pytest.mark.sqlite_only]

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(jpeg())
    return path


def test_sandbox_refuses_all_but_computing(file: Path) -> None:
    secret = file.with_name("secret_key")
    secret.write_text("k")
    assert sandbox.run("probe.attempt", file, secret=str(secret)) == {
        "network": True,
        "processes": True,
        "programs": True,
        "reading": True,
        "writing": True,
        "memory": True,
    }


AS_NOBODY = """
import os
import landlock, pyseccomp
from evidence.inspection import probe
from evidence.sandbox import limits
os.setuid(65534)
limits.restrict()
print(os.getuid(), all(probe.attempt(b"", secret="/etc/hostname").values()))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_sandbox_binds_other_users_as_it_binds_root() -> None:
    said = subprocess.run([sys.executable, "-c", AS_NOBODY], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert said.stdout == "65534 True\n", said.stderr


WITHOUT = """
import json, sys
sys.modules[sys.argv[1]] = None
from evidence.inspection import probe
from evidence.sandbox import limits
limits.restrict()
print(json.dumps(sorted(name for name, refused in probe.attempt(b"", secret="README.md").items() if refused)))
"""


@pytest.mark.parametrize(
    ("missing", "refused"),
    [
        ("pyseccomp", ["memory", "programs", "reading", "writing"]),
        ("landlock", ["memory", "network", "processes", "programs", "writing"]),
    ],
)
def test_what_the_container_has_holds_without_the_rest(missing: str, refused: list[str]) -> None:
    command = [sys.executable, "-c", WITHOUT, missing]
    said = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert json.loads(said.stdout) == refused, said.stderr


def test_task_that_never_ends_is_killed(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "SECONDS", 1)
    started = time.monotonic()
    with pytest.raises(sandbox.SandboxError, match="took longer than 1 s"):
        sandbox.run("probe.spin", file)
    assert time.monotonic() - started < 5


def test_task_that_dies_is_an_error(file: Path) -> None:
    with pytest.raises(sandbox.SandboxError, match="ended with status"):
        sandbox.run("probe.crash", file)


def test_only_inspections_are_tasks(file: Path) -> None:
    for task in ("os.getcwd", "..sandbox.limits.restrict"):
        with pytest.raises(sandbox.SandboxError):
            sandbox.run(task, file)


def test_refusal_of_a_task_reaches_the_caller(file: Path) -> None:
    with pytest.raises(RefusedContentError) as refused:
        sandbox.run("jpeg.accept", file, max_megapixels=0)
    assert (refused.value.code, refused.value.params) == ("too_many_pixels", {"megapixels": 1})
