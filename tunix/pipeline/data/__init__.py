"""Rows of a dataset, as text, tokens and batches."""
