"""Loads base models by id, and saves trained models to a folder."""
