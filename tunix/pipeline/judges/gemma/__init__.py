"""A language model as a judge, behind any endpoint that implements OpenAI's chat completions."""

from tunix.pipeline.judges.gemma.judge import Gemma

__all__ = ["Gemma"]
