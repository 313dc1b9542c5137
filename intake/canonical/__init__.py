"""The canonical files (IX-02): which columns each has, what a cell may hold, where it goes."""

from intake.canonical.columns import Column, Reading
from intake.canonical.files import FEED_FILES, FILES, FileSpec, Parent
from intake.canonical.rejections import RejectedCellError

__all__ = ["FEED_FILES", "FILES", "Column", "FileSpec", "Parent", "Reading", "RejectedCellError"]
