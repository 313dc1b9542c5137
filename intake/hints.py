"""Names under which the cache carries hints about an import; losing one loses nothing (RL-01)."""


def cancel_key(job_id: int) -> str:
    """Where a wish to cancel waits that the row, held by a long transaction, can't take."""
    return f"import-cancel:{job_id}"


def progress_key(job_id: int) -> str:
    """Where dry and strict runs, which can't write their row, leave how far they are."""
    return f"import-progress:{job_id}"
