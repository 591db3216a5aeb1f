"""The API of tokens."""
