"""The table of rest_framework.authtoken held keys that can be read: it goes once they are hashed.

Apart from the migration before: PostgreSQL alters nothing while rows wait for their deferred checks.
"""

from django.db import migrations


def drop_old_table(apps, schema_editor):
    schema_editor.execute("DROP TABLE IF EXISTS authtoken_token")
    apps.get_model("contenttypes", "ContentType").objects.filter(app_label="authtoken").delete()


class Migration(migrations.Migration):
    dependencies = [("access", "0002_hash_old_tokens")]

    operations = [migrations.RunPython(drop_old_table, migrations.RunPython.noop)]
