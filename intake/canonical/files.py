"""The canonical files, declared once (IX-02): columns, keys, parents, the feeds they turn on (MX-07).

The order of `FILES` is the order in which the files of a bundle are taken in, whatever their order on disk: what
others refer to comes first.
"""

from intake.canonical.platform import PLATFORM_FILES
from intake.canonical.reference import REFERENCE_FILES
from intake.canonical.spec import FileSpec, Parent
from intake.canonical.trade import TRADE_FILES

__all__ = ["CONFIRMATIONS_COLUMN", "FEED_FILES", "FILES", "FileSpec", "Parent"]

FILES: dict[str, FileSpec] = {spec.name: spec for spec in (*REFERENCE_FILES, *TRADE_FILES, *PLATFORM_FILES)}
FEED_FILES: dict[str, str] = {spec.name: spec.feed for spec in FILES.values() if spec.feed}
# The feed that a column of orders.csv turns on (MX-07).
CONFIRMATIONS_COLUMN = "dispatch_confirmed_at"
