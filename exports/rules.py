"""What files a list comes in, and the states of exports that are prepared in the background."""

CSV, XLSX, PARQUET = "csv", "xlsx", "parquet"
CONTENT_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    PARQUET: "application/vnd.apache.parquet",
}
FORM, MACHINE = "form", "machine"
# Parameters of an address that say where in the list the page stands, not what the list holds.
PLACES = frozenset({"page", "p", "earlier", "later", FORM})
