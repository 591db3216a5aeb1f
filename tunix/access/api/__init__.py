"""The API of tokens and the audit trail."""
