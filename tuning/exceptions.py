"""Errors of the tuning app."""


class LeaseLost(Exception):
    """The ledger was asked to write under an epoch that is over. The runner ends itself; nothing was changed."""
