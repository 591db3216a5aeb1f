"""What would go wrong with a job and what it would cost, told before it starts. Nothing is started or changed."""

from .check import Preflight, asked_difference, check_job
from .findings import Finding, Level
from .rehearsing import rehearse_job, rehearse_kept

__all__ = ["Finding", "Level", "Preflight", "asked_difference", "check_job", "rehearse_job", "rehearse_kept"]
