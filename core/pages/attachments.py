"""Answers that are saved as files."""

import re
from typing import TypeVar

from django.http import HttpResponseBase
from django.utils.http import content_disposition_header

# What file systems take for folders, drives or wildcards, or don't show.
_UNFIT = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
Response = TypeVar("Response", bound=HttpResponseBase)


def attached(response: Response, name: str) -> Response:
    """The answer, to be saved under a name of any script."""
    response["Content-Disposition"] = content_disposition_header(True, _UNFIT.sub("_", name))
    return response
