"""How fast an import takes rows in (IX-07). The first rows, or a file of one row, say nothing of the pace."""

FEW_ROWS = 500
FEW_SECONDS = 3.0


def pace(rows: int, seconds: float) -> float | None:
    """Rows a second; None while nothing sensible can be said."""
    if rows <= 0 or seconds <= 0 or (rows < FEW_ROWS and seconds < FEW_SECONDS):
        return None
    return rows / seconds
