"""Datasets: rows under a key, imported once, split, hashed, and never changed afterwards."""
