from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0003_temperature_and_samples")]

    operations = [
        migrations.AddField(
            "evaluation",
            "row_order",
            models.CharField(default="file", help_text="file: the first rows; prompt_hash: a sample", max_length=20),
        ),
        migrations.AddField(
            "evaluation",
            "item_groups",
            models.JSONField(help_text="a number for each item; null: the rows have no groups", null=True),
        ),
        migrations.AddField(
            "evaluation",
            "score_best",
            models.FloatField(help_text="if all items without a score had the best one; score_mean counts them 0", null=True),
        ),
    ]
