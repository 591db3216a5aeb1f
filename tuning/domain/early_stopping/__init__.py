"""Rules that end trials early, and the decisions they make."""
