"""Rows in the words of a checkpoint: its chat template, its tokenizer, and which of the tokens are trained."""
