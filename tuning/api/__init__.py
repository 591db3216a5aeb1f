"""The HTTP API of tuning."""
