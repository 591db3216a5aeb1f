"""Tokens of rest_framework.authtoken go on working: their keys are hashed."""

from django.db import migrations
from knox.crypto import hash_token

OLD = "authtoken_token"


def hash_old_tokens(apps, schema_editor):
    connection = schema_editor.connection
    if OLD not in connection.introspection.table_names():
        return
    AuthToken = apps.get_model("access", "AuthToken")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT key, user_id FROM {OLD}")  # noqa: S608  (a constant)
        rows = cursor.fetchall()
    for key, user_id in rows:
        AuthToken.objects.create(
            user_id=user_id, name="token", token_key=key[:15], digest=hash_token(key), expiry=None
        )


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(hash_old_tokens, migrations.RunPython.noop)]
