"""The ways by which messages leave the product: one folder per channel, and what they share.

A channel is declared in its folder's ``transport`` module and listed in `registry`; `delivering` works off what is due.
"""
