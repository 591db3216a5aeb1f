"""Shared by the APIs of all apps: errors, pagination, ordering, parsing, permissions, idempotency."""
