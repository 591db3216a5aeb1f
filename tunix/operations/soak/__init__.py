"""Jobs under seeded random faults, in a temporary installation. See `manage.py soak`."""
