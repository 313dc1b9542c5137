"""Backup and restore of a whole installation (RL-16): one tar file with the database, evidence and files of imports.

`archive` is the file, `databases` dumps and loads, `contents` says which files belong, `making` and `restoring` do it,
`keeping` makes the nightly one and removes old ones.
"""
