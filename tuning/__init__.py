"""Tuning jobs: the app that the project exists for."""
