"""Pages."""

from django.urls import path

from .pages import imports, trials, views

app_name = "tuning"
urlpatterns = [
    path("audit/", views.AuditTrail.as_view(), name="audit"),
    path("tuning/jobs/", views.JobList.as_view(), name="job-list"),
    path("tuning/jobs/new/", views.JobNew.as_view(), name="job-new"),
    path("tuning/jobs/import/", imports.JobImport.as_view(), name="job-import"),
    path("tuning/jobs/<uuid:pk>/", views.JobDetail.as_view(), name="job-detail"),
    path("tuning/jobs/<uuid:pk>/progress/", views.JobProgress.as_view(), name="job-progress"),
    path("tuning/jobs/<uuid:pk>/trials/", views.JobTrials.as_view(), name="job-trials"),
    path("tuning/jobs/<uuid:pk>/trials/<int:number>/", views.TrialDetail.as_view(), name="trial-detail"),
    path("tuning/jobs/<uuid:pk>/trials/<int:number>/exclude/", trials.TrialExclude.as_view(), name="trial-exclude"),
    path("tuning/jobs/<uuid:pk>/trials/<int:number>/include/", trials.TrialInclude.as_view(), name="trial-include"),
    path("tuning/jobs/<uuid:pk>/edit/", views.JobEdit.as_view(), name="job-edit"),
    path("tuning/jobs/<uuid:pk>/enqueue/", trials.Enqueue.as_view(), name="job-enqueue"),
    path("tuning/jobs/<uuid:pk>/start/", views.JobStart.as_view(), name="job-start"),
    path("tuning/jobs/<uuid:pk>/cancel/", views.JobCancel.as_view(), name="job-cancel"),
    path("tuning/jobs/<uuid:pk>/resume/", views.JobResume.as_view(), name="job-resume"),
    path("tuning/jobs/<uuid:pk>/pause/", views.JobPause.as_view(), name="job-pause"),
    path("tuning/jobs/<uuid:pk>/unpause/", views.JobUnpause.as_view(), name="job-unpause"),
    path("tuning/jobs/<uuid:pk>/extend/", views.JobExtend.as_view(), name="job-extend"),
    path("tuning/jobs/<uuid:pk>/retry/", views.JobRetry.as_view(), name="job-retry"),
    path("tuning/jobs/<uuid:pk>/trials/<int:number>/retry/", trials.TrialRetry.as_view(), name="trial-retry"),
    path("tuning/jobs/<uuid:pk>/confirm/", views.JobConfirm.as_view(), name="job-confirm"),
    path("tuning/jobs/<uuid:pk>/promote/", views.JobPromote.as_view(), name="job-promote"),
    path("tuning/jobs/<uuid:pk>/delete/", views.JobDelete.as_view(), name="job-delete"),
]
