"""The pages of runs and base models. What changes something is a service."""
