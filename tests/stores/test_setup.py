"""A new installation is set up once, by who knows its token, in the browser or by a command (PG-18)."""

import io
import json
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from core.models import Event
from stores.models import Company, Membership, User
from stores.services import AlreadySetUpError, NewAccount, set_up
from stores.setup_token import setup_link, setup_token
from tests.stores.people import make_person

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
PASSWORD = "correct horse battery"
COMPANY = {"company_no": "ACME-1", "company_name": "Acme Ltd"}
OWNER = {"name": "Li Wei", "email": "Li@example.com", "password": PASSWORD, "again": PASSWORD}
STAFF = {"staff_email": "ops@example.com", "staff_password": PASSWORD, "staff_again": PASSWORD}

pytestmark = [pytest.mark.django_db, pytest.mark.rule("PG-18")]


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Iterator[Path]:
    settings.DATA_DIR = tmp_path
    with time_machine.travel(NOW, tick=False):
        yield tmp_path


def english() -> Client:
    return Client(headers={"Accept-Language": "en"})


def post(client: Client, **changes: str) -> Any:
    return client.post("/setup/", {"token": setup_token(), **COMPANY, **OWNER, **changes})


def errors_of(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 422
    return {name: [str(text) for text in texts] for name, texts in answer.context["form"].errors.items()}


# ── In the browser ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.sqlite_only
@pytest.mark.parametrize("path", ["/", "/admin/", "/accounts/login/", "/accounts/password/reset/", "/data/"])
def test_every_page_leads_to_setting_up_while_there_are_no_people(path: str) -> None:
    answer = english().get(path, follow=True)
    assert (answer.status_code, answer.redirect_chain[-1][0]) == (200, "/setup/")
    assert "Set up Dianwei" in answer.text


@pytest.mark.sqlite_only
def test_who_sets_it_up_owns_the_company_and_goes_on_to_its_data(django_capture_on_commit_callbacks: Any) -> None:
    client = english()
    assert setup_link() == f"http://localhost:8000/setup/?token={setup_token()}"
    assert f'value="{setup_token()}"' in client.get("/setup/", {"token": setup_token()}).text
    with django_capture_on_commit_callbacks(execute=True):
        answer = post(client, **STAFF)
    assert (answer.status_code, answer["Location"]) == (302, "/data/")
    owner, staff = User.objects.order_by("pk")
    assert (owner.email, owner.name, owner.is_staff, owner.language) == ("li@example.com", "Li Wei", False, "en")
    assert (staff.email, staff.is_staff, staff.is_superuser) == ("ops@example.com", True, True)
    assert list(Membership.objects.values_list("company__company_no", "company__name", "user", "role")) == [
        ("ACME-1", "Acme Ltd", owner.pk, "owner")
    ]
    assert "Acme Ltd is set up." in client.get("/data/").text
    assert list(Event.objects.values_list("kind", "actor").order_by("pk")) == [
        ("company.created", f"person:{owner.pk}"),
        ("member.added", f"person:{owner.pk}"),
        ("installation.set_up", f"person:{owner.pk}"),
    ]
    assert not any("@" in str(row) for row in Event.objects.values("subject_key", "after"))


@pytest.mark.sqlite_only
@pytest.mark.rule("RL-11", "DM-02")
def test_the_account_for_operations_is_led_to_a_second_factor() -> None:
    post(Client(), **STAFF)
    client = Client()
    client.post("/accounts/login/", {"login": "ops@example.com", "password": PASSWORD})
    assert client.get("/admin/")["Location"].startswith("/accounts/2fa/")


@pytest.mark.sqlite_only
def test_a_company_that_was_imported_before_gets_its_owner() -> None:
    Company.objects.create(company_no="ACME-1", name="ACME-1")
    assert post(Client()).status_code == 302
    assert list(Membership.objects.values_list("company__name", "role")) == [("Acme Ltd", "owner")]


@pytest.mark.sqlite_only
@pytest.mark.rule("RL-11")
def test_a_stranger_without_the_token_sets_up_nothing(data_dir: Path) -> None:
    english().get("/setup/")
    assert stat.S_IMODE((data_dir / "setup-token").stat().st_mode) == 0o600
    for token in ("", "x", setup_token()[:-1]):
        assert errors_of(post(english(), token=token)).keys() == {"token"}
    assert not User.objects.exists()


@pytest.mark.sqlite_only
@pytest.mark.rule("RL-11")
def test_a_token_of_the_settings_is_the_only_one(settings: Any, data_dir: Path) -> None:
    settings.SETUP_TOKEN = "chosen by the operator"
    (data_dir / "setup-token").write_text("another")
    assert errors_of(post(english(), token="another")).keys() == {"token"}
    assert post(english(), token="chosen by the operator").status_code == 302


@pytest.mark.sqlite_only
def test_what_is_wrong_is_said_where_it_stands() -> None:
    Company.objects.create(company_no="DEMO", name="Demo", is_demo=True)
    assert errors_of(post(english(), company_no="a b", password="li@example", again="x", email="li")) == {
        "company_no": ["Write the number as ab."],
        "email": ["Enter a valid email address."],
        "again": ["The two passwords differ."],
    }
    assert errors_of(post(english(), password="12345", again="12345"))["password"]
    assert errors_of(post(english(), **STAFF | {"staff_email": "LI@example.com"})).keys() == {"staff_email"}
    assert errors_of(post(english(), staff_email="ops@example.com")).keys() == {"staff_password"}
    assert errors_of(post(english(), staff_password=PASSWORD)).keys() == {"staff_email"}
    assert errors_of(post(english(), company_no="DEMO")) == {
        "company_no": ["The demo uses this number. Choose another one."]
    }
    assert not User.objects.exists()


@pytest.mark.sqlite_only
@pytest.mark.rule("RL-06")
def test_afterwards_there_is_no_such_page_but_who_was_slower_is_told(django_capture_on_commit_callbacks: Any) -> None:
    token, slower = setup_token(), english()
    slower.get("/setup/")
    with django_capture_on_commit_callbacks(execute=True):
        post(Client())
    answer = post(slower, token=token, email="wu@example.com")
    assert answer.status_code == 409
    assert "Li Wei set up this installation, 2026-05-01 20:00" in answer.text
    assert [english().get("/setup/").status_code, post(english(), token="x").status_code] == [404, 404]
    assert english().get("/accounts/login/").status_code == 200
    assert User.objects.count() == 1


@pytest.mark.sqlite_only
def test_an_installation_with_people_is_none_to_set_up() -> None:
    make_person("somebody", is_active=False)
    assert [english().get("/setup/").status_code, post(english(), token="x").status_code] == [404, 404]
    assert post(english()).status_code == 409


# ── At once ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("RL-06")
@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_wins_and_the_other_learns_who() -> None:
    start, outcomes = threading.Barrier(2), []

    def attempt(name: str) -> None:
        start.wait()
        try:
            made = set_up(
                company_no=f"C-{name}", company_name=name, owner=NewAccount(f"{name}@example.com", PASSWORD, name),
                staff=None, language="en", at=NOW,
            )  # fmt: skip
            outcomes.append(made.owner.name)
        except AlreadySetUpError as error:
            outcomes.append(f"after {error.by}")
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=(name,)) for name in ("Li", "Wu")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = User.objects.get().name
    assert sorted(outcomes) == sorted([winner, f"after {winner}"])
    assert Company.objects.get().name == winner


# ── By command ─────────────────────────────────────────────────────────────────────────────────────────────────────


def run_setup(*arguments: str, company: str = "ACME-1") -> dict[str, Any]:
    out = io.StringIO()
    command = ["setup", "--company-no", company, "--company-name", "Acme Ltd", "--owner-email", "Li@example.com"]
    call_command(*command, *arguments, "--json", stdout=out)
    said: dict[str, Any] = json.loads(out.getvalue())
    return said


@pytest.mark.sqlite_only
def test_the_command_sets_up_once_and_then_has_nothing_to_do(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\nanother {PASSWORD}\n"))
    made = {"created": True, "company_no": "ACME-1", "owner_email": "Li@example.com", "staff_email": "ops@example.com"}
    assert run_setup("--staff-email", "ops@example.com", "--password-stdin") == made
    owner, staff = User.objects.order_by("pk")
    assert (owner.check_password(PASSWORD), staff.check_password(f"another {PASSWORD}")) == (True, True)
    file = tmp_path / "passwords"
    file.write_text(f"other {PASSWORD}\n")
    again = {"created": False, "company_no": "ACME-1", "owner_email": "Li@example.com", "staff_email": ""}
    assert run_setup("--password-file", str(file)) == again
    assert User.objects.get(pk=owner.pk).check_password(PASSWORD)
    with pytest.raises(CommandError, match="set up before, by command setup, and not like this"):
        run_setup("--password-file", str(file), company="OTHER")
    assert Company.objects.count() == 1


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("passwords", "arguments", "said"),
    [
        ("12345\n", [], "too short"),
        ("", [], "1 passwords are needed"),
        (f"{PASSWORD}\n", ["--staff-email", "ops@example.com"], "2 passwords are needed"),
        (f"{PASSWORD}\n", ["--owner-email", "nobody"], "valid email"),
        (f"{PASSWORD}\n", ["--company-no", "a b"], "Write the number as ab"),
        (f"{PASSWORD}\n", ["--company-name", ""], "missing: --company-name"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path: Path, passwords: str, arguments: list[str], said: str) -> None:
    file = tmp_path / "passwords"
    file.write_text(passwords)
    with pytest.raises(CommandError, match=said):
        run_setup("--password-file", str(file), *arguments)
    assert not User.objects.exists()


@pytest.mark.sqlite_only
def test_the_command_prints_the_link_of_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("setup", "--link")
    assert capsys.readouterr().out.strip() == setup_link()
