"""The report of a soak: how its jobs ended, whether it did enough, and the findings of the checker."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from django.db.models import Sum

from tuning.choices import TrialStatus
from tuning.models import TuningAttempt, TuningJob, TuningTrial
from tunix.operations.checker.check import check_ledger

TABLES = {
    "faults": "fault",
    "jobs": "job ended as",
    "trials": "trial ended as",
    "attempts": "attempt ended as",
}


def report_of(journal: Path) -> dict[str, Any]:
    """Counts of jobs, trials and attempts by outcome, the total of epochs, and the checker's report."""
    jobs = TuningJob.objects.order_by()
    canceled = jobs.filter(cancel_requested_at__isnull=False, finished_at__isnull=False)
    times = [(end - asked).total_seconds() for asked, end in canceled.values_list("cancel_requested_at", "finished_at")]
    return {
        "jobs": _counted(jobs.values_list("status", "reason")),
        "trials": _counted(TuningTrial.objects.order_by().values_list("status", "reason")),
        "attempts": _counted(TuningAttempt.objects.order_by().values_list("outcome", "reason")),
        "jobs_with_results": jobs.filter(status__in=TuningJob.TERMINAL, trials__status=TrialStatus.COMPLETED)
        .distinct()
        .count(),
        "epochs": jobs.aggregate(epochs=Sum("epoch"))["epochs"] or 0,
        "longest_cancel_seconds": round(max(times, default=0.0), 1),
        "errors": sorted({job.error[:300] for job in jobs.exclude(error="")}),
        "checker": check_ledger(journal=journal).to_json(),
    }


def _counted(rows: Any) -> dict[str, int]:
    """`failed (diverged)` -> count."""
    return dict(sorted(Counter(f"{end} ({why})" if why else str(end) for end, why in rows).items()))


def in_words(report: dict[str, Any]) -> str:
    """The report as text for a terminal."""
    lines = [
        f"{report['seconds']:g} s of faults, seed {report['seed']}, {report['database']}, broker {report['broker']}; "
        f"{report['wall_seconds']:g} s in total.",
    ]
    for key, title in TABLES.items():
        counts = report[key]
        lines += ["", f"{title:<32}{sum(counts.values()):>6}", *(f"  {name:<30}{n:>6}" for name, n in counts.items())]
    lines += ["", f"{report['epochs']} epochs, longest cancel {report['longest_cancel_seconds']} s"]
    lines += [f"Too little: {shortfall}" for shortfall in report["shortfalls"]]
    lines += [f"Has not ended: {job}" for job in report["stuck"]]
    lines += [f"Process left: {process}" for process in report["processes_left"]]
    for finding in report["checker"]["findings"]:
        lines.append(f"{finding['guarantee']} {finding['rule']} (job {finding['job']}): {finding['detail']}")
    lines.append("No findings." if report["clean"] else "FAILED: see above.")
    return "\n".join(lines)
