from django.apps import AppConfig

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
        sees_audit = "tuning.view_tuningevent"
        jobs, audits = ("tuning:job", "tuning:trial"), ("tuning:audit", "access:audit")
        register_links(NAVIGATION, Link("Tuning jobs", "tuning:job-list", order=10, current_on=jobs))
        register_links(TOOLS, Link("Audit", "tuning:audit", order=10, current_on=audits, permission=sees_audit))
        register_links(AUDIT, Link("Tuning jobs", "tuning:audit", order=10, permission=sees_audit))
        for slot, template in SLOTS.items():
            fill_slot(slot, f"tuning/slots/{template}")
