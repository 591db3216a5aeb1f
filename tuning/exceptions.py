"""Errors of the tuning app."""

from tunix.api.exceptions import ServiceError


class TuningError(ServiceError):
    """Base of the app's own errors."""


class LeaseLost(Exception):
    """The ledger was asked to write under an epoch that is over. The runner ends itself; nothing was changed."""
