"""Sign-in, API tokens, groups and permissions, throttling, and the audit trail."""
