"""Base models and fine-tuning runs; single runs are a kind of work."""
