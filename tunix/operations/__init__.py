"""For those who run an installation: probes, metrics, request ids, and removing what is no longer needed."""
