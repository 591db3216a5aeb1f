"""Settings of drf-spectacular, which makes the OpenAPI description. `tunix/settings.py` imports them."""

SPECTACULAR_SETTINGS = {
    "TITLE": "Tunix Tuning",
    "DESCRIPTION": "Find the best hyperparameters for fine-tuning a language model, and the run that proves it.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": False},
    "PREPROCESSING_HOOKS": ["tunix.api.schema.without_trailing_slash"],
    "ENUM_NAME_OVERRIDES": {
        "MetricMode": [("max", "maximise"), ("min", "minimise")],
        "GuardSplit": [("validation", "validation"), ("train", "train")],
        "Split": [("train", "train"), ("validation", "validation"), ("test", "test")],
        "FindingLevel": [("problem", "problem"), ("warning", "warning"), ("ok", "ok")],
        "ImportLevel": [("translated", "translated"), ("lossy", "lossy"), ("refused", "refused")],
        "JobStatus": "tuning.choices.JobStatus",
        "TrialStatus": "tuning.choices.TrialStatus",
        "TrialKind": "tuning.choices.TrialKind",
        "TrialOrigin": "tuning.choices.TrialOrigin",
        "AttemptOutcome": "tuning.choices.AttemptOutcome",
        "RunStatus": "tunix.runs.choices.RunStatus",
        "RunOrigin": "tunix.runs.choices.RunOrigin",
        "EvaluationStatus": "tunix.evaluation.choices.EvaluationStatus",
    },
}
