"""One run, from spec to judged result, without Django, Celery or Ray: a worker needs nothing else."""
