"""The HTTP API of evaluation."""
