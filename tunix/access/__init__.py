"""Who may come in and who did what: groups, tokens, sign-in, throttles, the audit trail."""
