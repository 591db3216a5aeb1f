"""Base models and fine-tuning runs. A single run has its own lease; the run of a trial belongs to its job."""
