"""What would go wrong with a job and what it would cost, told before it starts. Nothing is started or changed."""

from .check import Preflight, check_job
from .findings import Finding, Level

__all__ = ["Finding", "Level", "Preflight", "check_job"]
