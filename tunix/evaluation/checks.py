"""System checks of the settings of the judge that calls a language model."""

from __future__ import annotations

import os
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, Error, register

from tunix.pipeline.failures import JudgeFailed
from tunix.pipeline.judges.gemma.settings import JudgeMisconfigured, JudgeSettings, is_loopback, read_settings
from tunix.pipeline.judges.limits import max_failed_share


@register()
def judge_can_be_asked(**kwargs: Any) -> list[CheckMessage]:
    """The judge reads its settings from the environment; if none is set, it is not used and nothing is checked."""
    try:
        max_failed_share()
    except JudgeFailed as error:
        return [Error(str(error), hint="Correct it or remove it.", id="evaluation.E002")]
    if not any(os.environ.get(name) for name in ("JUDGE_URL", "JUDGE_MODEL", "JUDGE_API_KEY")):
        return []
    try:
        settings = read_settings()
    except JudgeMisconfigured as error:
        return [Error(f"The judge gemma is misconfigured: {error}", hint="See docs/judges.md.", id="evaluation.E001")]
    return _warnings(settings)


def _warnings(settings: JudgeSettings) -> list[CheckMessage]:
    if is_loopback(settings.host):
        return []
    found: list[CheckMessage] = []
    if settings.url.startswith("http:"):
        what = f"Prompts, answers and the API key are sent to {settings.host} unencrypted."
        found.append(checks.Warning(what, hint="Use https:// in JUDGE_URL.", id="evaluation.W001"))
    if not settings.input_price and not settings.output_price:
        what = f"No price is set for {settings.host}: its cost counts as 0, so no spending limit is ever reached."
        hint = "Set JUDGE_INPUT_PRICE and JUDGE_OUTPUT_PRICE, per million tokens."
        found.append(checks.Warning(what, hint=hint, id="evaluation.W002"))
    return found
