"""From a base model's id to a model that can be trained, and back into a folder."""
