"""One run, from spec to judged result. Knows neither Django nor Celery nor Ray: it runs wherever a worker is."""
