"""What a result depends on, and what differs between two runs."""
