"""The HTTP API of datasets."""
