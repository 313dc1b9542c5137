"""Why an order fails a counter: declared once, the same in lists, files, root causes, notices and on the order page."""
