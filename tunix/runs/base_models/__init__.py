"""Base models that are not built in: promotion of runs, addition of folders, model card, lineage, deletion."""
