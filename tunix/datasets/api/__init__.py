"""The HTTP API of data sets."""
