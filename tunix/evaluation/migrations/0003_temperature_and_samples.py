from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0002_judge_options")]

    operations = [
        migrations.AddField(
            "evaluation",
            "temperature",
            models.FloatField(default=0, help_text="0: the most likely token each time"),
        ),
        migrations.AddField("evaluation", "samples", models.PositiveIntegerField(default=1, help_text="answers per row")),
    ]
