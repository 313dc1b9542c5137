"""Deaths of a process at a statement of the database, without the process: what it committed stays."""

from typing import Any


class KilledError(BaseException):
    """As if the process had gone."""


class Killer:
    """Ends the process at the n-th statement from now; to be installed by ``connection.execute_wrapper``."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        # Those that begin and end parts of a transaction are no work; a death there would break the test's own one.
        if "SAVEPOINT" not in sql:
            self.left -= 1
            if self.left == 0:
                raise KilledError
        return execute(sql, params, many, context)
