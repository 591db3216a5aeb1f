"""Reads search spaces from Python source, which is parsed and never executed."""
