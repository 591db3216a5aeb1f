from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tuning", "0003_proof_in_stages")]

    operations = [
        migrations.AddField(
            model_name="tuningtrial",
            name="judged_rows",
            field=models.PositiveIntegerField(
                null=True, help_text="of one that was raced out: how many of its rows were judged before that"
            ),
        ),
    ]
