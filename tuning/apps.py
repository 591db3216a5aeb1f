from operator import attrgetter
from typing import Any

from django.apps import AppConfig

from tunix.pages.damage import MOST_ROWS, Readable, register_readable
from tunix.pages.links import AUDIT, NAVIGATION, TOOLS, Link, register_links
from tunix.pages.slots import fill_slot

SLOTS = {
    "run.origin": "_run_origin.html",
    "run.actions": "_run_promotion.html",
    "model.actions": "_model_new_job.html",
    "model.links": "_model_jobs.html",
    "model.lineage": "_model_lineage.html",
    "dataset.uses": "_dataset_jobs.html",
    "leaderboard.empty": "_leaderboard_new_job.html",
}
"""What this app shows in pages of the apps below it."""


class TuningConfig(AppConfig):
    """The app of tuning jobs."""

    name = "tuning"
    verbose_name = "Tuning"

    def ready(self) -> None:
        from . import checks  # noqa: F401  (importing registers them)

        sees_audit = "tuning.view_tuningevent"
        jobs, audits = ("tuning:job", "tuning:trial"), ("tuning:audit", "access:audit")
        register_links(NAVIGATION, Link("Tuning jobs", "tuning:job-list", order=10, current_on=jobs))
        register_links(TOOLS, Link("Audit", "tuning:audit", order=10, current_on=audits, permission=sees_audit))
        register_links(AUDIT, Link("Tuning jobs", "tuning:audit", order=10, permission=sees_audit))
        register_readable(*readable_models())
        for slot, template in SLOTS.items():
            fill_slot(slot, f"tuning/slots/{template}")


def readable_models() -> list[Readable]:
    """What pages about damaged rows read."""
    from tunix.runs.models import TunixRun

    from .models import TrialMetric, TuningAttempt, TuningJob, TuningTrial

    attempts = TuningAttempt.objects.select_related("trial")

    def shown_with(job: TuningJob) -> list[Any]:
        metrics = TrialMetric.objects.filter(attempt__trial__job=job)
        return [job.dataset, job.best_run, *job.trials.all()[:MOST_ROWS], *metrics[:MOST_ROWS]]

    names = ("algorithm", "budget", "confirmation", "evaluation", "prompt", "early_stopping", "guards", "verdict")
    values: dict[str, Any] = {f"{name}_json": attrgetter(name) for name in (*names, "verdicts", "ended_early")}
    values |= {
        "search_space_json": TuningJob.space,
        "objectives_json": attrgetter("objectives"),
        "resources_json": attrgetter("threads"),
    }
    return [
        Readable(TuningJob, values=values, related=shown_with),
        Readable(TunixRun, related=lambda run: [attempt.trial for attempt in attempts.filter(run=run)]),
        Readable(TuningTrial, (), values={"params_json": attrgetter("proposed_params")}),
    ]
