"""What is read from the content of files of strangers. Everything here runs inside the sandbox (`evidence.sandbox`).

A module's functions are its tasks: they take the file's bytes and keyword arguments, and return what JSON can hold, or
the bytes of a picture. They raise `RefusedContentError` for content that is not taken. They import neither Django nor
anything else of the project: the process they run in is started for each file, and has no settings and no database.
"""

from typing import Any


class RefusedContentError(Exception):
    """Content that is not taken; ``code`` is one of `evidence.rules.REFUSALS`, ``params`` fill its text."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
