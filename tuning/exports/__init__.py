"""A job taken away: its trials as tables, its search as an Optuna study."""
