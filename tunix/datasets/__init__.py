"""Datasets: rows imported under a key, split, hashed and immutable."""
