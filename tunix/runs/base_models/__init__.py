"""Promoted base models: promotion of a run, files, model card, lineage, versions, deletion."""
