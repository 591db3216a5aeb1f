"""The buttons of a job and of a trial, made from the table of verbs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse

from ..choices import JobStatus
from ..domain.selection.outcome import VerdictOutcome
from ..models import TuningJob, TuningTrial
from ..services.verb import Verb
from ..services.verbs import JOB_VERBS, TRIAL_VERBS, reason_disabled

LIVE_FIRST = ("unpause", "pause", "cancel", "enqueue")
SHOWN_FIRST = {
    JobStatus.CREATED: ("start", "check", "edit"),
    JobStatus.QUEUED: LIVE_FIRST,
    JobStatus.RUNNING: LIVE_FIRST,
    JobStatus.COMPLETED: ("confirm", "promote", "extend"),
    JobStatus.FAILED: ("resume", "retry", "edit"),
    JobStatus.CANCELED: ("resume", "extend", "clone"),
}
"""The verbs that make sense in each state, the most important one first. All others are in the menu."""
MAX_SHOWN = 3
PRIMARY = ("start", "unpause", "resume", "confirm", "promote", "prove")


@dataclass(frozen=True)
class Action:
    """A button: its label, where it leads, what it asks first, and why it is disabled."""

    verb: str
    label: str
    url: str
    reason: str | None = None
    question: str = ""
    fields: str = ""
    """The template of its form's fields."""
    method: str = "post"
    is_link: bool = False
    is_primary: bool = False
    is_destructive: bool = False

    @property
    def css(self) -> str:
        return "primary" if self.is_primary else ""

    @property
    def asks(self) -> bool:
        """Whether a form opens before anything is done."""
        return bool(self.question or self.fields)


@dataclass(frozen=True)
class Actions:
    """At most three buttons for the header, and the rest for the menu."""

    shown: list[Action]
    menu: list[Action]


def job_actions(job: TuningJob, user: Any) -> Actions:
    """What can be done with a job now, and why the rest cannot."""
    known = {action.verb: action for action in _all_actions(job, user)}
    possible = [known[verb] for verb in first_of(job) if verb in known and not known[verb].reason]
    shown = [
        replace(action, is_primary=rank == 0 and action.verb in PRIMARY)
        for rank, action in enumerate(possible[:MAX_SHOWN])
    ]
    visible = {action.verb for action in shown}
    rest = [action for action in known.values() if action.verb not in visible]
    return Actions(shown, sorted(rest, key=lambda action: bool(action.reason)))


def trial_actions(trial: TuningTrial, user: Any) -> list[Action]:
    """What can be done with a trial, and why the rest cannot."""
    address = [trial.job_id, trial.number]
    return [
        _action(verb, trial, user, reverse(f"tuning:trial-{verb.name}", args=address))
        for verb in TRIAL_VERBS.values()
        if verb.is_shown(trial)
    ]


def first_of(job: TuningJob) -> tuple[str, ...]:
    """The verbs to show first: a winner that has its verdict is promoted next; where nothing is decided, seeds help."""
    if job.status == JobStatus.COMPLETED and job.verdict:
        is_open = job.verdict.outcome == VerdictOutcome.UNDECIDED
        return ("prove", "promote", "confirm") if is_open else ("promote", "confirm", "extend")
    return SHOWN_FIRST[JobStatus(job.status)]


def _all_actions(job: TuningJob, user: Any) -> list[Action]:
    """The verbs in the order of the table, between the two actions that change nothing."""
    here, export = job.get_absolute_url(), reverse("api-tuning-job-export", args=[job.pk])
    check = Action("check", "Check", f"{here}?tab=check", is_link=True)
    urls = {verb: reverse(f"tuning:job-{verb}", args=[job.pk]) for verb in JOB_VERBS if verb != "clone"}
    urls["clone"] = f"{reverse('tuning:job-new')}?from={job.pk}"
    verbs = [_action(verb, job, user, urls[name]) for name, verb in JOB_VERBS.items() if verb.is_shown(job)]
    return [
        *([check] if job.status == JobStatus.CREATED else []),
        *verbs,
        Action("export", "Export", export, fields="tuning/verbs/export.html", method="get"),
    ]


def _action(verb: Verb, target: TuningJob | TuningTrial, user: Any, url: str) -> Action:
    return Action(
        verb.name,
        verb.label,
        url,
        reason=reason_disabled(target, verb.name, user),
        question=verb.question,
        fields=f"tuning/verbs/{verb.name}.html" if verb.arguments else "",
        is_link=verb.has_page,
        is_destructive=verb.is_destructive,
    )
