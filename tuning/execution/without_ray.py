"""Runs trials one by one in the runner itself, without Ray: for fault tests that do not concern Ray."""

from __future__ import annotations

import time

from tunix.pipeline.spec import FailureReason

from .source import Death, NoMoreTrials, TrialSource
from .trainables import run_trial

SECONDS_BETWEEN_REQUESTS = 0.1


def run_trials(source: TrialSource) -> None:
    """Run trials until the source has no more."""
    while True:
        try:
            config = source.next_config()
        except NoMoreTrials:
            return
        if config is None:
            time.sleep(SECONDS_BETWEEN_REQUESTS)
            continue
        try:
            reported = run_trial(config)
        except Exception as error:
            source.died(config, Death(str(error), FailureReason.ERROR))
        else:
            source.ended(config, reported)
