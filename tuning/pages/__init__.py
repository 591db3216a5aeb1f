"""The pages of jobs and trials. What changes something is a service."""
