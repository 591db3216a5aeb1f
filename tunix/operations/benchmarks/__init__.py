"""Measurements compared with what a user would do without this service. No test asserts a speed."""
