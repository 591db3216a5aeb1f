"""The permissions of each group, in one table that is applied after each migration: see docs/access.md.

A permission is written `app.codename`, with `*` as a wildcard.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import DEFAULT_DB_ALIAS, transaction

VIEWER = (
    "access.view_auditentry",
    "datasets.view_dataset",
    "evaluation.view_baseline",
    "evaluation.view_evaluation",
    "evaluation.view_testlook",
    "runs.view_basemodel",
    "runs.view_generation",
    "runs.view_tunixrun",
    "tuning.view_trialmetric",
    "tuning.view_tuningattempt",
    "tuning.view_tuningevent",
    "tuning.view_tuningjob",
    "tuning.view_tuningtrial",
    "tuning.view_warmstart",
)
OPERATOR = (
    *VIEWER,
    "datasets.*_dataset",
    "evaluation.*_baseline",
    "evaluation.*_evaluation",
    "runs.*_generation",
    "runs.*_tunixrun",
    "runs.add_basemodel",
    "runs.delete_basemodel",
    "tuning.*_tuningjob",
)
ADMIN = (
    "access.*",
    "admin.view_*",
    "auth.*",
    "axes.delete_accessattempt",  # unlocks a user name
    "axes.view_*",
    "datasets.*",
    "evaluation.*",
    "runs.*",
    "tuning.*",
    "work.*",
)
GROUPS = {"viewer": VIEWER, "operator": OPERATOR, "admin": ADMIN}


def grant_declared(app_config: Any, using: str = DEFAULT_DB_ALIAS, apps: Any = current_apps, **kwargs: Any) -> None:
    """Grant each group its permissions in this app, each permission only once ever. A receiver of `post_migrate`.

    Manual changes are kept: a permission that was granted before is not granted again, a group that was deleted is not
    created again, and no permission is revoked.
    """
    label = app_config.label
    declared = {group: [name for name in names if name.startswith(f"{label}.")] for group, names in GROUPS.items()}
    if not any(declared.values()) or not _is_installed(apps):
        return
    # Django's own receiver creates these too, but it runs after this one.
    create_permissions(app_config, verbosity=0, using=using, apps=apps)
    with transaction.atomic(using):
        for group, patterns in declared.items():
            _grant(group, label, patterns, using, apps)


def _is_installed(apps: Any) -> bool:
    """False while migrations are only partly applied: `apps` is then an earlier state."""
    try:
        return bool(apps.get_model("access", "GroupGrant"))
    except LookupError:
        return False


def _grant(name: str, label: str, patterns: list[str], using: str, apps: Any) -> None:
    """Grant the group the app's permissions that match and that it has never been granted, and remember them."""
    every = apps.get_model("auth", "Permission").objects.using(using).filter(content_type__app_label=label)
    named = {f"{label}.{permission.codename}": permission for permission in every}
    matching = {one for one in named if any(fnmatchcase(one, pattern) for pattern in patterns)}
    grants = apps.get_model("access", "GroupGrant").objects.using(using)
    groups = apps.get_model("auth", "Group").objects.using(using)
    before = set(grants.filter(group=name).values_list("permission", flat=True))
    group = groups.filter(name=name).first() if before else groups.get_or_create(name=name)[0]
    if group is None:
        return
    fresh = sorted(matching - before)
    group.permissions.add(*(named[one] for one in fresh))
    grants.bulk_create([grants.model(group=name, permission=one) for one in fresh])
