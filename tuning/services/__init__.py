"""What people can ask for, one family of verbs a file. Pages, admin, API and commands call these functions."""
