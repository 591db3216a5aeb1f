"""Measurements against what a user would otherwise do. Speed is measured here and never asserted in a test."""
