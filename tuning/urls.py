"""Pages."""

from django.urls import path

from .pages.enqueue import Enqueue
from .pages.imports import JobImport
from .pages.job_editing import JobEdit, JobNew
from .pages.jobs import AuditTrail, JobDetail, JobList, JobProgress, JobTrials
from .pages.trials import TrialDetail
from .pages.verbs import JobVerb, TrialVerb
from .services.verbs import JOB_VERBS, TRIAL_VERBS

app_name = "tuning"
JOB = "tuning/jobs/<uuid:pk>/"
TRIAL = f"{JOB}trials/<int:number>/"

urlpatterns = [
    path("audit/", AuditTrail.as_view(), name="audit"),
    path("tuning/jobs/", JobList.as_view(), name="job-list"),
    path("tuning/jobs/new/", JobNew.as_view(), name="job-new"),
    path("tuning/jobs/import/", JobImport.as_view(), name="job-import"),
    path(JOB, JobDetail.as_view(), name="job-detail"),
    path(f"{JOB}progress/", JobProgress.as_view(), name="job-progress"),
    path(f"{JOB}trials/", JobTrials.as_view(), name="job-trials"),
    path(f"{JOB}edit/", JobEdit.as_view(), name="job-edit"),
    path(f"{JOB}enqueue/", Enqueue.as_view(), name="job-enqueue"),
    path(TRIAL, TrialDetail.as_view(), name="trial-detail"),
    *(
        path(f"{JOB}{name}/", JobVerb.as_view(verb=verb), name=f"job-{name}")
        for name, verb in JOB_VERBS.items()
        if not verb.has_page
    ),
    *(
        path(f"{TRIAL}{name}/", TrialVerb.as_view(verb=verb), name=f"trial-{name}")
        for name, verb in TRIAL_VERBS.items()
    ),
]
