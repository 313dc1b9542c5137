"""Scorecards of many stores at once, a column for each figure.

A night and the exports judge a batch of stores together: `totals` sums facts into columns, `lines` has what stores of
one kind share, `values` makes the metrics' values of both, `judging` their levels and texts, `batches` goes through all
stores. A page judges one store by the objects of `metrics.scorecards`, which are faster for one; what both are made of
(metrics, policy, terms, thresholds, curves) is declared once, and tests hold their results equal
(tests/metrics/test_columns.py).
"""
