"""Reads over a job's rows: best, standings, guards, budgets, early stopping. A test forbids writes here."""
