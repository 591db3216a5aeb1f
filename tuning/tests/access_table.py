"""Who may use which address with which method: one row for every address that has a name.

A method that is not in its row is for nobody. HEAD goes with GET; OPTIONS tells nothing to those who may not look.
"""

from __future__ import annotations

from enum import IntEnum

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class Level(IntEnum):
    """Each may what those before may."""

    ANYONE = 0
    USER = 1
    VIEWER = 2
    OPERATOR = 3
    ADMIN = 4


ANYONE, USER, VIEWER, OPERATOR, ADMIN = Level
Row = dict[str, Level]


def look(level: Level) -> Row:
    return {"GET": level}


def form(level: Level) -> Row:
    """A page with a form."""
    return {"GET": level, "POST": level}


def verb(level: Level) -> Row:
    return {"POST": level}


def every(level: Level) -> Row:
    """Views of Django's that do not ask for the method."""
    return dict.fromkeys(METHODS, level)


PAGES: dict[str, Row] = {
    "home": every(ANYONE),  # they lead on to a page that asks
    "login": form(ANYONE),
    "logout": verb(ANYONE),
    "favicon": look(ANYONE),
    "healthz": look(ANYONE),
    "readyz": look(ANYONE),
    "metrics": look(ADMIN),
    "access:token-list": form(USER) | {"PUT": USER},
    "access:token-revoke": verb(USER),
    "access:audit": look(VIEWER),
    "tuning:audit": look(VIEWER),
    "datasets:dataset-list": look(VIEWER),
    "datasets:dataset-detail": look(VIEWER),
    "datasets:dataset-import": form(OPERATOR) | {"PUT": OPERATOR},
    "runs:run-list": look(VIEWER),
    "runs:run-detail": look(VIEWER),
    "runs:run-progress": look(VIEWER),
    "runs:run-new": form(OPERATOR) | {"PUT": OPERATOR},
    "runs:run-cancel": verb(OPERATOR),
    "runs:run-reproduce": verb(OPERATOR),
    "runs:run-promote": verb(OPERATOR),
    "runs:run-export": verb(OPERATOR),
    "runs:run-export-progress": look(VIEWER),
    "runs:run-generate": verb(OPERATOR),
    "runs:run-answers": look(VIEWER),
    "runs:generation-cancel": verb(OPERATOR),
    "runs:model-list": look(VIEWER),
    "runs:model-detail": look(VIEWER),
    "runs:model-new": form(OPERATOR) | {"PUT": OPERATOR},
    "runs:model-smoke-test": verb(OPERATOR),
    "runs:model-smoke-test-progress": look(VIEWER),
    "runs:model-delete": verb(OPERATOR),
    "evaluation:evaluation-list": look(VIEWER),
    "evaluation:evaluation-detail": look(VIEWER),
    "evaluation:evaluation-cancel": verb(OPERATOR),
    "evaluation:leaderboard": look(VIEWER),
    "evaluation:run-evaluate": verb(OPERATOR),
    "evaluation:baseline-list": look(VIEWER),
    "evaluation:baseline-detail": look(VIEWER),
    "evaluation:baseline-new": verb(OPERATOR),
    "evaluation:baseline-change": verb(OPERATOR),
    "evaluation:baseline-delete": verb(OPERATOR),
    "tuning:job-list": look(VIEWER),
    "tuning:job-new": form(OPERATOR) | {"PUT": OPERATOR},
    "tuning:job-import": form(OPERATOR),
    "tuning:job-detail": look(VIEWER),
    "tuning:job-progress": look(VIEWER),
    "tuning:job-trials": look(VIEWER),
    "tuning:trial-detail": look(VIEWER),
    "tuning:trial-exclude": verb(OPERATOR),
    "tuning:trial-include": verb(OPERATOR),
    "tuning:job-edit": form(OPERATOR) | {"PUT": OPERATOR},
    "tuning:job-start": verb(OPERATOR),
    "tuning:job-cancel": verb(OPERATOR),
    "tuning:job-resume": verb(OPERATOR),
    "tuning:job-pause": verb(OPERATOR),
    "tuning:job-unpause": verb(OPERATOR),
    "tuning:job-extend": verb(OPERATOR),
    "tuning:job-retry": verb(OPERATOR),
    "tuning:trial-retry": verb(OPERATOR),
    "tuning:trial-promote": verb(OPERATOR),
    "tuning:job-confirm": verb(OPERATOR),
    "tuning:job-prove": verb(OPERATOR),
    "tuning:job-rehearse": verb(OPERATOR),
    "tuning:job-promote": verb(OPERATOR),
    "tuning:job-enqueue": form(OPERATOR) | {"PUT": OPERATOR},
    "tuning:job-delete": verb(OPERATOR),
}

API: dict[str, Row] = {
    "api-root": every(ANYONE),
    "api-schema": look(USER),
    "api-docs": look(USER),
    "api-token-list": {"GET": USER, "POST": USER, "DELETE": USER},
    "api-token-detail": {"DELETE": USER},
    "api-audit-list": look(VIEWER),
    "api-dataset-list": look(VIEWER) | verb(OPERATOR),
    "api-dataset-detail": look(VIEWER),
    "api-dataset-rows": look(VIEWER),
    "api-model-list": look(VIEWER) | verb(OPERATOR),
    "api-model-smoke-test": verb(OPERATOR),
    "api-model-detail": {"GET": VIEWER, "DELETE": OPERATOR},
    "api-run-list": look(VIEWER) | verb(OPERATOR),
    "api-run-detail": look(VIEWER),
    "api-run-cancel": verb(OPERATOR),
    "api-run-reproduce": verb(OPERATOR),
    "api-run-log": look(VIEWER),
    "api-run-metrics": look(VIEWER),
    "api-run-predictions": look(VIEWER),
    "api-run-evaluate": verb(OPERATOR),
    "api-run-promote": verb(OPERATOR),
    "api-run-export": look(VIEWER) | verb(OPERATOR),
    "api-run-generate": verb(OPERATOR),
    "api-generation-detail": look(VIEWER),
    "api-generation-cancel": verb(OPERATOR),
    "api-evaluation-list": look(VIEWER),
    "api-evaluation-detail": look(VIEWER),
    "api-evaluation-cancel": verb(OPERATOR),
    "api-leaderboard": look(VIEWER),
    "api-baseline-list": look(VIEWER) | verb(OPERATOR),
    "api-baseline-detail": {"GET": VIEWER, "PATCH": OPERATOR, "DELETE": OPERATOR},
    "api-baseline-compare": look(VIEWER),
    "api-tuning-job-list": look(VIEWER) | verb(OPERATOR),
    "api-tuning-job-detail": {"GET": VIEWER, "PATCH": OPERATOR, "DELETE": OPERATOR},
    "api-tuning-job-start": verb(OPERATOR),
    "api-tuning-job-cancel": verb(OPERATOR),
    "api-tuning-job-resume": verb(OPERATOR),
    "api-tuning-job-pause": verb(OPERATOR),
    "api-tuning-job-unpause": verb(OPERATOR),
    "api-tuning-job-extend": verb(OPERATOR),
    "api-tuning-job-retry": verb(OPERATOR),
    "api-tuning-trial-retry": verb(OPERATOR),
    "api-tuning-job-confirm": verb(OPERATOR),
    "api-tuning-job-prove": verb(OPERATOR),
    "api-tuning-job-rehearse": verb(OPERATOR),
    "api-tuning-job-clone": verb(OPERATOR),
    "api-tuning-job-check": verb(VIEWER),
    "api-tuning-job-promote": verb(OPERATOR),
    "api-tuning-trial-list": look(VIEWER) | verb(OPERATOR),
    "api-tuning-job-export": look(VIEWER),
    "api-tuning-trial-detail": look(VIEWER),
    "api-tuning-trial-exclude": verb(OPERATOR),
    "api-tuning-trial-include": verb(OPERATOR),
    "api-tuning-event-list": look(VIEWER),
    "api-search-space-validate": verb(OPERATOR),
    "api-search-space-import": verb(OPERATOR),
    "api-parameter-kind-list": look(VIEWER),
    "api-hyperparameter-list": look(VIEWER),
    "api-metric-list": look(VIEWER),
}

ADMIN_SITE: dict[str, Row] = {
    "admin:login": form(ANYONE),
    "admin:logout": verb(ANYONE),
    "admin:index": every(ADMIN),
    "admin:app_list": every(ADMIN),
    "admin:password_change": form(ADMIN) | {"PUT": ADMIN},
    "admin:password_change_done": look(ADMIN),
    "admin:autocomplete": look(ADMIN),
    "admin:jsi18n": look(ADMIN),
    "admin:view_on_site": every(ADMIN),
    "admin:auth_user_password_change": every(ADMIN),
}

SHOWN: dict[str, Row] = {
    "changelist": every(ADMIN),
    "history": every(ADMIN),
    "change": {method: ADMIN for method in METHODS if method != "POST"},
    "add": {},
    "delete": {},
}
"""Rows that the admin shows and nobody edits there."""

EDITED: dict[str, Row] = dict.fromkeys(["changelist", "history", "change", "add", "delete"], every(ADMIN))

ADMIN_MODELS: dict[str, dict[str, Row]] = {
    "access_authtoken": SHOWN,
    "access_auditentry": SHOWN,
    "datasets_dataset": SHOWN,
    "runs_basemodel": SHOWN,
    "runs_tunixrun": SHOWN,
    "runs_generation": SHOWN,
    "evaluation_evaluation": SHOWN,
    "evaluation_baseline": SHOWN,
    "tuning_tuningjob": SHOWN,
    "tuning_tuningtrial": SHOWN,
    "tuning_tuningevent": SHOWN,
    "auth_group": EDITED,
    "auth_user": EDITED,
    "axes_accessattempt": SHOWN | {"delete": every(ADMIN)},
    "axes_accesslog": SHOWN,
    "axes_accessfailurelog": SHOWN,
}

TABLE: dict[str, Row] = {
    **PAGES,
    **API,
    **ADMIN_SITE,
    **{f"admin:{model}_{view}": row for model, rows in ADMIN_MODELS.items() for view, row in rows.items()},
}
