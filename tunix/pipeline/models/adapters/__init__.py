"""Low-rank adapters (LoRA) on the models of every family, also on a quantized base model."""
