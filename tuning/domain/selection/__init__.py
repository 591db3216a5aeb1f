"""Which trial is the best, what is proved, and when there is enough."""
