"""One run, from spec to judged result. Knows no Django, Celery or Ray: it runs wherever a worker is."""
