"""Made the groups viewer, operator and admin, which tunix/access/groups.py does now.

What it gave them is still needed: 0011 writes it down for the databases that have these groups.
"""

from django.contrib.auth.management import create_permissions
from django.db import migrations

VIEWED = {
    "datasets": ["dataset"],
    "runs": ["basemodel", "tunixrun"],
    "evaluation": ["evaluation", "baseline"],
    "tuning": ["tuningjob", "tuningtrial", "tuningattempt", "trialmetric", "tuningevent"],
    "access": ["auditentry"],
}
OPERATED = {
    "datasets": ["dataset"],
    "runs": ["tunixrun"],
    "evaluation": ["evaluation", "baseline"],
    "tuning": ["tuningjob"],
}
ADMINISTERED = ["auth", "access", "datasets", "runs", "evaluation", "tuning", "work"]
LOGS = ["axes", "admin"]
UNLOCK = "delete_accessattempt"


NAMES = ["viewer", "operator", "admin"]


def groups_of(apps):
    """The groups of a database that had them before tunix/access/groups.py made them, by name."""
    return {group.name: group for group in apps.get_model("auth", "Group").objects.filter(name__in=NAMES)}


def make_permissions(apps):
    """What post_migrate does later: a group needs the rows now."""
    for app_config in apps.get_app_configs():
        app_config.models_module = True
        create_permissions(app_config, apps=apps, verbosity=0)
        app_config.models_module = None


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_drop_old_tokens"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("axes", "0010_accessattemptexpiration"),
        ("datasets", "0001_initial"),
        ("runs", "0001_initial"),
        ("evaluation", "0001_initial"),
        ("tuning", "0001_initial"),
        ("work", "0001_initial"),
    ]

    operations = []
