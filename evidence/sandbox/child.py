"""The process in which one task runs: ``python -m evidence.sandbox.child TASK PARAMETERS PARENT``."""

import importlib
import json
import os
import re
import sys
from collections.abc import Callable
from typing import Any

from evidence.inspection import RefusedContentError
from evidence.sandbox import limits
from evidence.sandbox.answers import BYTES, ERROR, JSON, REFUSED

_TASK = re.compile(r"([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)")


def main(task: str, parameters: str, parent: str) -> None:
    """Load the task with all it imports, give up every right, then read the file."""
    limits.end_with_parent(int(parent))
    answer = _take_over_output()
    function = _function(task)
    limits.restrict()
    with os.fdopen(answer, "wb") as out:
        out.write(_outcome(function, json.loads(parameters)))


def _take_over_output() -> int:
    """Libraries print where they like; the answer has a descriptor of its own."""
    answer = os.dup(1)
    os.dup2(2, 1)
    return answer


def _function(task: str) -> Callable[..., Any]:
    match = _TASK.fullmatch(task)
    if match is None:
        raise ValueError(task)
    function: Callable[..., Any] = getattr(importlib.import_module(f"evidence.inspection.{match[1]}"), match[2])
    return function


def _outcome(function: Callable[..., Any], parameters: dict[str, Any]) -> bytes:
    try:
        found = function(sys.stdin.buffer.read(), **parameters)
    except RefusedContentError as refused:
        return REFUSED + json.dumps({"code": refused.code, "params": refused.params}).encode()
    except Exception as error:
        # Only its type: the text may quote the file.
        return ERROR + json.dumps(type(error).__name__).encode()
    return BYTES + found if isinstance(found, bytes) else JSON + json.dumps(found).encode()


if __name__ == "__main__":
    main(*sys.argv[1:])
