"""The bundles of one size, split so that each part can be timed: stores, orders, the rest, and later changes."""

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

GENERATOR = str(Path(__file__).with_name("generate.py"))
REFERENCE = ("companies", "stores", "carriers")
REST = ("tracking_events", "reviews", "disputes", "refunds", "messages")
# Changes of a night: many where so many orders are open, and few that any size has, to compare sizes.
MANY, FEW = 30_000, 3_000


@dataclass(frozen=True)
class Bundles:
    """Folders of one size; ``whole`` holds the year's CSV files. ``many`` and ``few``: folders of later changes with
    their numbers of orders."""

    orders: int
    stores: int
    today: date
    whole: Path
    reference: Path
    only_orders: Path
    rest: Path
    many: tuple[Path, int]
    few: tuple[Path, int]

    def rows(self, names: Iterable[str]) -> int:
        """Rows of the year's files."""
        return sum(_rows(self.whole / f"{name}.csv") for name in names)


def make_bundles(folder: Path, *, orders: int, stores: int, today: date, seed: int = 1) -> Bundles:
    """Write the bundles of one size; the same bytes for the same arguments."""
    arguments = ["--orders", str(orders), "--stores", str(stores), "--seed", str(seed), "--today", today.isoformat()]
    whole = folder / "whole"
    _generate([*arguments, "--out", str(whole)])
    parts = {name: _part(folder / name, whole, files) for name, files in _PARTS.items()}
    few = folder / "few"
    _generate([*arguments, "--out", str(few), "--changes", str(FEW)])
    many, count = folder / "many", MANY
    # About 33 orders of a thousand are open at any time.
    while count > FEW and not _generate([*arguments, "--out", str(many), "--changes", str(count)], must=False):
        count = max(FEW, count * 9 // 10)
    if count == FEW:
        many = few
    return Bundles(orders, stores, today, whole, *parts.values(), (many, count), (few, FEW))


_PARTS = {"reference": REFERENCE, "only_orders": ("orders",), "rest": REST}


def _generate(arguments: list[str], *, must: bool = True) -> bool:
    # In a process of its own: the peak memory of a command counts what its parent held when it was started.
    ended = subprocess.run([sys.executable, GENERATOR, *arguments], capture_output=True, text=True, check=False)
    if ended.returncode and must:
        raise ValueError(ended.stderr.strip())
    return ended.returncode == 0


def _part(folder: Path, whole: Path, files: Iterable[str]) -> Path:
    folder.mkdir()
    for name in (*(f"{file}.csv" for file in files), "manifest.json"):
        (folder / name).symlink_to(whole / name)
    return folder


def _rows(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(1 << 20), b"")) - 1
