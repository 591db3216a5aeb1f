"""Base models that people make: promotion of a run, its card and lineage, versions, deletion."""
