"""`python -m benchmarks.unguarded PATH`: import_bundle that writes every row it finds, changed or not.

What a guarded re-import is compared with: the same pipeline, only that no row counts as the same.
"""

import sys

from django.core.management import call_command

from benchmarks import ready  # noqa: F401
from core.sql import Composable, Literal
from intake.pipeline import apply
from intake.pipeline.statements import Statements


class Unguarded(Statements):
    """Statements that take every row for a changed one."""

    def _differs(self) -> Composable:
        return Literal(True)


def main() -> None:
    apply.Statements = Unguarded
    call_command("import_bundle", sys.argv[1], "--json")


if __name__ == "__main__":
    main()
