"""What answers say: content in its wrappers, and errors by what they mean (IX-25). Pure."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.outgoing import Failure, Response
from intake.connectors import errors
from intake.connectors.aliexpress.answers import content_of, system_content_of
from intake.connectors.aliexpress.windows import Page, Window, check_heeded, read_windows
from tests.intake.connectors.aliexpress_platform import pacific

pytestmark = pytest.mark.rule("IX-25")


def answer(said: Any, status: int = 200) -> Response:
    return Response(status, json.dumps(said).encode())


def failed(**said: Any) -> Response:
    return answer({"error_response": said})


@pytest.mark.parametrize(
    ("said", "content"),
    [
        ({"x_y_response": {"result": {"success": "true", "a": 1}}}, {"success": "true", "a": 1}),
        ({"x_response": {"target": {"a": 1}}}, {"a": 1}),
        ({"x_response": {"result": {"target": {"a": 1}}}}, {"a": 1}),
        (
            {"x_response": {"result_success": True, "details": {"d": []}}},
            {"result_success": True, "details": {"d": []}},
        ),
        ({"result": {"a": 1}}, {"a": 1}),
    ],
)
def test_content_is_found_in_its_wrappers(said, content):
    assert content_of(answer(said)) == content


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (failed(code="IncompleteSignature"), errors.SignatureRefusedError),
        (failed(code=25), errors.SignatureRefusedError),
        (failed(code=27), errors.SessionEndedError),
        (failed(code="IllegalAccessToken"), errors.SessionEndedError),
        (failed(code="InsufficientPermission"), errors.PermissionMissingError),
        (failed(code=15, sub_code="isv.insufficient-permission"), errors.PermissionMissingError),
        (failed(code=15, sub_code="isp.null-pointer"), errors.RemoteError),
        (failed(code=22), errors.RetiredMethodError),
        (failed(code="x", msg="The method does not exist"), errors.RetiredMethodError),
        (failed(code=41), errors.RefusedArgumentsError),
        (failed(code="never heard of"), errors.RemoteError),
        (failed(code="never heard of", type="ISV"), errors.ItemError),
        (answer({"x_response": {"result": {"success": False, "error_code": "NOT_FOUND"}}}), errors.ItemError),
        (answer({"x_response": {"result": {"success": "false", "error_code": "27"}}}), errors.SessionEndedError),
        (Response(failure=Failure.TIMEOUT), errors.TransientError),
        (Response(200, b"{}", Failure.TOO_BIG), errors.TransientError),
        (Response(502, b"<html>"), errors.TransientError),
        (Response(200, b"[1]"), errors.TransientError),
        (Response(429, b""), errors.ThrottledError),
    ],
)
def test_errors_have_classes(response, error):
    with pytest.raises(error) as caught:
        content_of(response)
    assert type(caught.value) is error


def test_a_ban_says_how_long_it_lasts():
    text = "This ban will last for 37 more seconds"
    with pytest.raises(errors.ThrottledError) as caught:
        content_of(failed(code=7, sub_code="accesscontrol.limited-by-api-access-count", sub_msg=text))
    assert caught.value.seconds == 37


def test_system_answers_have_their_own_form():
    assert system_content_of(answer({"code": "0", "access_token": "a"})) == {"code": "0", "access_token": "a"}
    with pytest.raises(errors.SessionEndedError):
        system_content_of(answer({"type": "ISV", "code": "IllegalRefreshToken", "message": "expired"}))


# ── Windows ────────────────────────────────────────────────────────────────────────────────────────────────────────

START = datetime(2026, 7, 1, tzinfo=UTC)
DAY = Window(START, START + timedelta(days=1))


def test_a_window_with_many_pages_is_read_in_halves():
    asked: list[tuple[Window, int]] = []

    def ask(window: Window, page: int) -> Page:
        asked.append((window, page))
        hours = (window.end - window.start) / timedelta(hours=1)
        return Page([{"of": window.start.hour}], int(hours), 25 if hours > 7 else 1)

    found = [row["of"] for rows in read_windows(DAY, ask) for row in rows]
    assert found == [0, 6, 12, 18]
    assert len(asked) == 7


def test_pages_are_read_again_until_none_moved():
    totals = iter([3, 2, 2, 2, 2, 2])

    def ask(_window: Window, page: int) -> Page:
        return Page([{"page": page}], next(totals), 2)

    assert list(read_windows(DAY, ask)) == [[{"page": 1}, {"page": 2}]]


def test_a_list_that_counts_nothing_is_read_to_its_last_full_page():
    pages = [Page([1, 2], 0, 0, goes_on=True), Page([3, 4], 0, 0, goes_on=True), Page([5], 0, 0)]
    assert list(read_windows(DAY, lambda _part, number: pages[number - 1])) == [[1, 2, 3, 4, 5]]


def test_a_list_that_never_stands_still_is_given_up():
    totals = iter(range(1000, 0, -1))
    with pytest.raises(errors.TransientError):
        list(read_windows(Window(START, START + timedelta(minutes=1)), lambda _part, _page: Page([], next(totals), 2)))


def test_rows_outside_of_what_was_asked_show_that_a_filter_failed():
    rows = [{"gmt_update": pacific(START + timedelta(hours=hours))} for hours in (-1, 3, 25)]
    check_heeded(rows, DAY, "gmt_update")
    with pytest.raises(errors.UnfilteredError):
        check_heeded([*rows, {"gmt_update": pacific(START - timedelta(hours=2))}], DAY, "gmt_update")
