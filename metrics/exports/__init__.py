"""Tables that leave the product (IX-13): rows by kind, written as CSV, XLSX or Parquet."""
