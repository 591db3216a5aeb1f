"""Jobs under seeded random faults, in an installation of their own that is thrown away. See `manage.py soak`."""
