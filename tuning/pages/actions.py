"""What can be done with a job on its page: the verbs that make sense now, and a menu with the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse

from ..choices import JobStatus
from ..models import TuningJob
from ..services.retry import why_not_retry_failed
from ..services.transitions import why_not

VERBS = {
    "start": "change",
    "cancel": "change",
    "resume": "change",
    "edit": "change",
    "pause": "change",
    "unpause": "change",
    "extend": "change",
    "retry": "change",
    "confirm": "change",
    "clone": "add",
    "enqueue": "change",
    "delete": "delete",
}
"""What can be done with a job, and the permission it takes."""

LABELS = {
    "start": "Start",
    "check": "Check",
    "unpause": "Unpause",
    "pause": "Pause",
    "cancel": "Cancel",
    "resume": "Resume",
    "extend": "Add trials",
    "retry": "Retry failed trials",
    "confirm": "Confirm winner",
    "promote": "Promote winner",
    "edit": "Edit",
    "enqueue": "Enqueue configuration",
    "clone": "Clone",
    "export": "Export",
    "delete": "Delete",
}
"""What the verbs are called on the page, in the order of the menu, where the possible ones come first."""

LIVE_FIRST = ("unpause", "pause", "cancel", "enqueue")
SHOWN_FIRST = {
    JobStatus.CREATED: ("start", "check", "edit"),
    JobStatus.QUEUED: LIVE_FIRST,
    JobStatus.RUNNING: LIVE_FIRST,
    JobStatus.COMPLETED: ("confirm", "promote", "extend"),
    JobStatus.FAILED: ("resume", "retry", "edit"),
    JobStatus.CANCELED: ("resume", "extend", "clone"),
}
"""The verbs that make sense in each state, the most important one first."""
MAX_SHOWN = 3
PRIMARY = ("start", "unpause", "resume", "confirm", "promote")
LINKS = ("check", "edit", "enqueue", "clone")
ASKING = ("extend", "retry", "confirm", "promote", "export", "delete")


@dataclass(frozen=True)
class Action:
    """A verb on the page of a job: its label, where it leads, and why it is not possible now."""

    verb: str
    label: str
    url: str
    reason: str = ""
    is_primary: bool = False

    @property
    def css(self) -> str:
        return "primary" if self.is_primary else ""

    @property
    def is_link(self) -> bool:
        """Whether it opens a page instead of changing something."""
        return self.verb in LINKS

    @property
    def method(self) -> str:
        return "get" if self.verb == "export" else "post"

    @property
    def asks(self) -> str:
        """The template with what it asks first; empty where it asks nothing."""
        return f"tuning/verbs/{self.verb}.html" if self.verb in ASKING else ""


@dataclass(frozen=True)
class Actions:
    """At most three verbs for the header, and the rest for the menu."""

    shown: list[Action]
    menu: list[Action]


def actions_of(job: TuningJob, user: Any, why_no_promotion: str) -> Actions:
    """What can be done with a job now, and why the rest cannot."""
    reasons = {verb: why_disabled(job, verb, user) for verb in VERBS} | {"promote": why_no_promotion}
    hidden = {"pause" if job.is_paused else "unpause"} | ({"check"} if job.status != JobStatus.CREATED else set())
    known = {
        verb: Action(verb, label, url_of(job, verb), reasons.get(verb, ""))
        for verb, label in LABELS.items()
        if verb not in hidden
    }
    possible = [known[verb] for verb in first_of(job) if verb in known and not known[verb].reason]
    shown = [
        replace(action, is_primary=rank == 0 and action.verb in PRIMARY)
        for rank, action in enumerate(possible[:MAX_SHOWN])
    ]
    visible = {action.verb for action in shown}
    rest = [action for action in known.values() if action.verb not in visible]
    return Actions(shown, sorted(rest, key=lambda action: bool(action.reason)))


def why_disabled(job: TuningJob, verb: str, user: Any) -> str:
    """Why a button cannot be pressed; empty when it can."""
    if not user.has_perm(f"tuning.{VERBS[verb]}_tuningjob"):
        return f"You have no permission to {verb} tuning jobs."
    if verb == "cancel" and job.is_canceling:
        return "The job is being canceled."
    if verb == "cancel" and job.status == JobStatus.CANCELED:
        return "The job is canceled."
    return why_not_retry_failed(job) if verb == "retry" else why_not(job, verb)


def first_of(job: TuningJob) -> tuple[str, ...]:
    """The verbs to show first: a winner that has its verdict is promoted next, not confirmed."""
    if job.status == JobStatus.COMPLETED and job.verdict_json:
        return ("promote", "confirm", "extend")
    return SHOWN_FIRST[JobStatus(job.status)]


def url_of(job: TuningJob, verb: str) -> str:
    """Where a verb leads."""
    if verb == "check":
        return f"{job.get_absolute_url()}?tab=check"
    if verb == "clone":
        return f"{reverse('tuning:job-new')}?from={job.pk}"
    return reverse("api-tuning-job-export" if verb == "export" else f"tuning:job-{verb}", args=[job.pk])
