"""The bundles of one size, split so that each part can be timed: stores, orders, the rest, and later changes."""

import json
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
SEED = 1
TOO_FEW_OPEN = 3


@dataclass(frozen=True)
class Bundles:
    """Folders of one size; ``whole`` holds the year's CSV files, the others parts of it."""

    orders: int
    stores: int
    today: date
    folder: Path
    whole: Path
    reference: Path
    only_orders: Path
    rest: Path

    def rows(self, names: Iterable[str]) -> int:
        """Rows of the year's files."""
        return sum(_rows(self.whole / f"{name}.csv") for name in names)

    @property
    def changed(self) -> bool:
        """Whether later bundles were written, which the year's files know nothing of."""
        return any(self.folder.glob("changes-*"))

    def changes(self, count: int) -> tuple[Path, int]:
        """Write a later bundle of as many changed orders, or as many as so few open ones allow; returns its folder
        and how many. Each call draws other orders."""
        draw = len(list(self.folder.glob("changes-*")))
        folder = self.folder / f"changes-{draw}"
        # About 33 orders of a thousand are open at any time.
        while not _generate([*self._arguments(), "--out", str(folder), "--changes", str(count), "--draw", str(draw)]):
            count = count * 9 // 10
        return folder, count

    def _arguments(self) -> list[str]:
        return _arguments(self.orders, self.stores, self.today)


def make_bundles(folder: Path, *, orders: int, stores: int, today: date) -> Bundles:
    """Write the bundles of one size, or find those that a folder has; the same bytes for the same arguments."""
    note, whole = folder / "bundles.json", folder / "whole"
    parts = {name: folder / name for name in _PARTS}
    if note.exists():
        kept = json.loads(note.read_text())
        if (kept["orders"], kept["stores"]) != (orders, stores):
            raise ValueError(f"{folder} has bundles of {kept['orders']:,} orders and {kept['stores']:,} stores")
        today = date.fromisoformat(kept["today"])
    else:
        folder.mkdir(parents=True, exist_ok=True)
        if not _generate([*_arguments(orders, stores, today), "--out", str(whole)]):
            raise ValueError("the generator failed")
        for name, files in _PARTS.items():
            _part(parts[name], whole, files)
        note.write_text(json.dumps({"orders": orders, "stores": stores, "today": today.isoformat()}))
    return Bundles(orders, stores, today, folder, whole, **parts)


def _arguments(orders: int, stores: int, today: date) -> list[str]:
    return ["--orders", str(orders), "--stores", str(stores), "--seed", str(SEED), "--today", today.isoformat()]


_PARTS = {"reference": REFERENCE, "only_orders": ("orders",), "rest": REST}


def _generate(arguments: list[str]) -> bool:
    """Whether the generator wrote the bundle; it says no where too few orders are open."""
    # In a process of its own: the peak memory of a command counts what its parent held when it was started.
    ended = subprocess.run([sys.executable, GENERATOR, *arguments], capture_output=True, text=True, check=False)
    if ended.returncode not in (0, TOO_FEW_OPEN):
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
