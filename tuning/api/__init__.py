"""The HTTP API of tuning jobs."""
