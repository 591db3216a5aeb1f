"""What every API of the project shares: errors, paging, ordering, parsing, permissions, idempotency."""
