"""Requests with files are cut off while they arrive; each refusal names its file (catalogue "Uploads")."""

import io
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client

from evidence.models import EvidenceFile
from stores.models import Company
from tests.evidence.files import jpeg, pdf
from tests.stores.people import client_of, make_person

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.sqlite_only,
    pytest.mark.rule("PN-08", "AP-02"),
    pytest.mark.urls("tests.evidence.draft_page"),
]

BORDER = "----border"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LIMIT = 10 * 1024 * 1024
BIG = b"%PDF-1.7\n" + b"x" * LIMIT


class Body(io.BytesIO):
    """A request's body that counts what was read of it."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.read_bytes = 0

    def read(self, size: int | None = -1) -> bytes:
        block = super().read(size)
        self.read_bytes += len(block)
        return block


@pytest.fixture
def seller() -> Client:
    browser = client_of(make_person("seller", Company.objects.create(company_no="C1", name="Company")))
    browser.cookies["language"] = "en"
    return browser


def multipart(*files: tuple[str, bytes], end: bool = True) -> bytes:
    parts = [
        f'--{BORDER}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        f"Content-Type: application/pdf\r\n\r\n".encode() + content + b"\r\n"
        for name, content in files
    ]  # fmt: skip
    return b"".join(parts) + (f"--{BORDER}--\r\n".encode() if end else b"")


def send(browser: Client, body: bytes, *, length: int | None = None, **headers: str) -> tuple[Any, Body]:
    stream = Body(body)
    extra: dict[str, Any] = {"wsgi.input": stream, "CONTENT_LENGTH": str(len(body) if length is None else length)}
    content_type = f"multipart/form-data; boundary={BORDER}"
    return browser.generic("POST", "/draft", b"-", content_type=content_type, headers=headers, **extra), stream


def outcome(answer: Any) -> tuple[int, list[str], list[str]]:
    """Status, names of files that are attached, names of files that were refused."""
    page = re.sub(r"(?s)<template.*?</template>", "", answer.content.decode())
    rows = re.findall(r'(?s)<li class="file( is-refused)?.*?<p class="name">(?:<a [^>]*>)?([^<]*)', page)
    return answer.status_code, [name for no, name in rows if not no], [name for no, name in rows if no]


def left_over() -> list[Path]:
    return list(Path(project.FILE_UPLOAD_TEMP_DIR).glob("*.upload*"))


def test_each_file_is_taken_or_refused_by_itself(seller: Client) -> None:
    five = [("bad.pdf", b"MZ\x90"), *((f"{number}.jpg", jpeg(f"{number}")) for number in range(4))]
    answer, _body = send(seller, multipart(*five))
    assert outcome(answer) == (422, ["0.jpg", "1.jpg", "2.jpg", "3.jpg"], ["bad.pdf"])
    assert "Its content is EXE, not PDF or JPEG." in answer.content.decode()
    assert "save or print it as PDF" in answer.content.decode()
    assert left_over() == []


def test_sixth_file_is_refused_and_a_refused_one_takes_no_slot(seller: Client) -> None:
    for number in range(3):
        EvidenceFile.objects.create(
            company=Company.objects.get(), sha256=f"{number}", name=f"{number}", size=1, kind="pdf", uploaded_at=NOON
        )
    answer, _body = send(
        seller, multipart(("empty", b""), *((f"{number}", pdf(f"{number}")) for number in range(3, 6)))
    )
    assert outcome(answer) == (422, [f"{number}" for number in range(5)], ["empty", "5"])
    assert "Only 5 files can be attached." in answer.content.decode()


def test_too_large_file_is_dropped_and_the_others_are_kept(seller: Client) -> None:
    answer, _body = send(seller, multipart(("large.pdf", BIG), ("small.pdf", pdf())))
    assert outcome(answer) == (422, ["small.pdf"], ["large.pdf"])
    assert "It is larger than 10 MB." in answer.content.decode()
    assert left_over() == []


def test_request_is_cut_off_at_what_all_files_may_have(seller: Client) -> None:
    most = 6 * LIMIT + 2**20
    body = multipart(("small.pdf", pdf()), *((f"{number}.pdf", BIG) for number in range(9)))
    answer, stream = send(seller, body)
    assert most < stream.read_bytes < most + 2**18 < len(body)
    assert outcome(answer)[:2] == (422, ["small.pdf"])
    assert "The upload was cut off" in answer.content.decode()
    assert left_over() == []


def test_large_file_of_the_script_is_cut_off_soon(seller: Client) -> None:
    answer, stream = send(seller, multipart(("large.pdf", b"%PDF-" + bytes(2 * LIMIT))), **{"HX-Request": "true"})
    assert LIMIT < stream.read_bytes < LIMIT + 2**20 + 2**18
    assert outcome(answer) == (422, [], ["large.pdf"])


def test_far_too_long_request_is_not_read_at_all(seller: Client) -> None:
    answer, stream = send(seller, multipart(("a.pdf", pdf())), length=200 * LIMIT)
    assert (answer.status_code, stream.read_bytes) == (413, 0)
    assert "The upload was not taken" in answer.content.decode()


@pytest.mark.parametrize("length", [None, 3 * LIMIT], ids=["broken off", "false length"])
def test_file_that_did_not_arrive_whole_is_refused(seller: Client, length: int | None) -> None:
    body = multipart(("first.pdf", pdf()), ("second.pdf", pdf("Two")), end=False)[:-30]
    answer, _body = send(seller, body, length=length)
    assert outcome(answer) == (422, ["first.pdf"], ["second.pdf"])
    assert "the connection broke" in answer.content.decode()
    assert left_over() == []


def test_more_than_the_declared_length_is_not_read(seller: Client) -> None:
    body = multipart(("first.pdf", pdf()), ("second.pdf", BIG))
    answer, stream = send(seller, body, length=4000)
    assert stream.read_bytes <= 4000
    assert outcome(answer) == (422, ["first.pdf"], ["second.pdf"])


def test_more_than_a_hundred_parts_are_refused_with_a_page(seller: Client) -> None:
    answer, _body = send(seller, multipart(*[(f"{number}.pdf", b"%PDF-") for number in range(101)]))
    assert answer.status_code == 400
    assert "upload the files one after the other" in answer.content.decode()
    assert not EvidenceFile.objects.exists()
    assert left_over() == []


@pytest.mark.parametrize("body", [b"", b"nonsense", b"--" + BORDER.encode()], ids=["empty", "nonsense", "border"])
def test_request_without_files_shows_the_page(seller: Client, body: bytes) -> None:
    assert outcome(send(seller, body)[0]) == (200, [], [])


def test_names_are_cleaned(seller: Client) -> None:
    sent = ["../../etc/passwd.pdf", "nul\x00.pdf", "x" * 400 + ".pdf", "proof\u202efdp.exe", "<b>&amp;.pdf"]
    answer, _body = send(seller, multipart(*((name, pdf(name[:1])) for name in sent)))
    kept = ["passwd.pdf", "nul.pdf", "x" * 116 + ".pdf", "prooffdp.exe", "b&amp;.pdf"]
    assert outcome(answer) == (200, kept, [])


def test_script_gets_the_row_and_the_slots(seller: Client) -> None:
    answer, _body = send(seller, multipart(("photo.jpg", jpeg("one"))), **{"HX-Request": "true"})
    text = answer.content.decode()
    assert text.startswith(f'<li class="file" id="file-{EvidenceFile.objects.get().pk}">')
    assert 'id="file-slots" data-free="4" hx-swap-oob="true"' in text
    assert "<html" not in text
    again, _body = send(seller, multipart(("copy.jpg", jpeg("one"))), **{"HX-Request": "true"})
    assert again.status_code == 422
    assert "It is attached already" in again.content.decode()


def test_upload_needs_the_token_of_the_form(seller: Client) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = seller.cookies
    assert send(browser, multipart(("a.pdf", pdf())))[0].status_code == 403
    browser.get("/draft")
    token = browser.cookies["csrftoken"].value
    assert send(browser, multipart(("a.pdf", pdf())), **{"X-CSRFToken": token})[0].status_code == 200
    field = f'--{BORDER}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'.encode()
    assert send(browser, field + multipart(("b.pdf", pdf("b"))))[0].status_code == 200


def test_visitors_are_sent_to_sign_in_unread(seller: Client) -> None:
    answer, stream = send(Client(), multipart(("a.pdf", pdf())))
    assert (answer.status_code, stream.read_bytes) == (302, 0)
