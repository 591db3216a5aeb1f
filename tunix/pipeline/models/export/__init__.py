"""Writes trained models as folders that other tools load: merged weights in the layout of Hugging Face, or adapters."""
