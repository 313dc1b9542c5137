"""A module for each page: fetch through an access function, call a query, present, render."""
