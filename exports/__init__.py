"""Lists as files (IX-13, RL-12): each list of a page is declared once and written as CSV, XLSX or Parquet."""
