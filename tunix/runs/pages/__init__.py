"""The pages of runs and base models."""
