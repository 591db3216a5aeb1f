"""Pretrained models in folders of Hugging Face's layout: checked by their headers, then loaded into Google's models."""
