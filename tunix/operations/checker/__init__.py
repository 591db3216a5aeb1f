"""Checks rows, files and processes against the guarantees G1 to G8 of docs/reliability.md. It changes nothing.

A rule is a small function over the rows of one job, read in one snapshot. See `manage.py check_ledger`.
"""
