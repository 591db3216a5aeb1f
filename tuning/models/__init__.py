"""The rows of tuning: jobs, their trials and attempts, and their history."""

from .event import TuningEvent
from .job import TuningJob, plain_prompt, search_alone
from .trial import TrialMetric, TuningAttempt, TuningTrial
from .warm_start import WarmStart

__all__ = [
    "TrialMetric",
    "TuningAttempt",
    "TuningEvent",
    "TuningJob",
    "TuningTrial",
    "WarmStart",
    "plain_prompt",
    "search_alone",
]
