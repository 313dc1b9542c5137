"""What an answer says: its content, or which kind of error it is."""

import re
from collections.abc import Mapping
from typing import Any

from core.outgoing import Failure, Response
from intake.connectors.aliexpress import wire
from intake.connectors.aliexpress.values import at_path, is_true, parse, text_of
from intake.connectors.errors import (
    ItemError,
    PermissionMissingError,
    PlatformError,
    RefusedArgumentsError,
    RemoteError,
    RetiredMethodError,
    SessionEndedError,
    SignatureRefusedError,
    ThrottledError,
    TransientError,
)

Json = Any
TOO_MANY_REQUESTS = 429

# Codes and sub-codes of errors by what they mean. Others are about the object that was asked for, or faults of the
# platform, which pass.
CODES: Mapping[str, type[PlatformError]] = {
    "25": SignatureRefusedError,
    "IncompleteSignature": SignatureRefusedError,
    "InvalidAppKey": SignatureRefusedError,
    "29": SignatureRefusedError,
    "26": SessionEndedError,
    "27": SessionEndedError,
    "IllegalAccessToken": SessionEndedError,
    "IllegalRefreshToken": SessionEndedError,
    "InsufficientPermission": PermissionMissingError,
    "11": PermissionMissingError,
    "isv.insufficient-permission": PermissionMissingError,
    "22": RetiredMethodError,
    "InvalidMethod": RetiredMethodError,
    "InvalidApiPath": RetiredMethodError,
    "isv.invalid-method": RetiredMethodError,
    "isv.method-not-exist": RetiredMethodError,
    "40": RefusedArgumentsError,
    "41": RefusedArgumentsError,
    "MissingParameter": RefusedArgumentsError,
    "InvalidParameter": RefusedArgumentsError,
}
THROTTLED = frozenset({"7", "ApiCallLimit"})
LIMITED = re.compile(r"accesscontrol\.limited-by-", re.ASCII)
RETIRED = re.compile(r"(?:method|api|service)\b.*\b(?:not exist|no longer exists|offline|retired)", re.I)


def content_of(response: Response) -> Json:
    """The content of a business answer, without its wrappers. Raises a PlatformError."""
    answer = _read(response)
    if "error_response" in answer:
        raise _error(answer["error_response"])
    content = next((value for name, value in answer.items() if name.endswith("_response")), answer)
    for name in ("", *wire.CONTENTS):
        inner = content.get(name) if name and isinstance(content, dict) else content
        if isinstance(inner, dict):
            _check_result(inner)
            content = inner
    return content


def system_content_of(response: Response) -> dict[str, Json]:
    """The content of a system answer. Raises a PlatformError."""
    answer = _read(response)
    if "error_response" in answer:
        raise _error(answer["error_response"])
    if text_of(answer.get("code", "0")) != "0":
        raise _error(answer)
    return answer


def _read(response: Response) -> dict[str, Json]:
    if response.failure is Failure.REFUSED:
        raise TransientError(f"no request to this address is allowed: {response.detail}")
    if response.failure is not None:
        raise TransientError(f"{response.failure}: {response.detail}"[:200])
    if response.status == TOO_MANY_REQUESTS:
        raise ThrottledError("HTTP 429", wire.BAN_SECONDS)
    try:
        answer = parse(response.body)
    except ValueError:
        raise TransientError(f"HTTP {response.status} without JSON") from None
    if not isinstance(answer, dict):
        raise TransientError(f"HTTP {response.status} without an object")
    if response.status >= 500 and "error_response" not in answer:
        raise TransientError(f"HTTP {response.status}")
    return answer


def _check_result(result: dict[str, Json]) -> None:
    """Some failures come inside of answers that look well."""
    flags = [result[name] for name in ("success", "result_success") if name in result]
    if not flags or is_true(flags[0]):
        return
    code = text_of(result.get("error_code"))
    text = text_of(result.get("error_message") or result.get("error_desc"))
    if code in CODES or code in THROTTLED:
        raise _error({"code": code, "msg": text})
    raise ItemError(f"{code} {text}".strip()[:280])


def _error(said: Mapping[str, Json]) -> PlatformError:
    """The error that an answer tells of; its text holds codes and messages, never parameters."""
    names = ("code", "sub_code", "msg", "message", "sub_msg")
    code, sub_code, *texts = (text_of(at_path(said, name)) for name in names)
    text = " ".join(part for part in (code, sub_code, *texts) if part)[:280]
    if code in THROTTLED or LIMITED.search(sub_code):
        return ThrottledError(text, _ban_seconds(" ".join(texts)))
    meaning = CODES.get(sub_code) or CODES.get(code)
    if meaning is None and RETIRED.search(text):
        meaning = RetiredMethodError
    if meaning is None:
        is_ours = text_of(said.get("type")) == "ISV" or sub_code.startswith("isv.")
        meaning = ItemError if is_ours else RemoteError
    return meaning(text)


def _ban_seconds(text: str) -> int:
    found = re.search(wire.BAN, text)
    return int(found[1]) if found else wire.BAN_SECONDS
