from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("access", "0003_group_grants"),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="act",
            field=models.CharField(
                choices=[
                    ("created", "created"),
                    ("imported", "imported"),
                    ("changed", "changed"),
                    ("canceled", "canceled"),
                    ("deleted", "deleted"),
                    ("exported", "exported"),
                    ("token_made", "token made"),
                    ("token_revoked", "token revoked"),
                ],
                max_length=32,
            ),
        ),
    ]
