from django.db import migrations, models

import tuning.models.job


class Migration(migrations.Migration):
    dependencies = [("tuning", "0001_squashed")]

    operations = [
        migrations.AddField(
            "tuningjob",
            "method",
            models.CharField(
                choices=[("full", "full"), ("lora", "lora"), ("qlora", "qlora")],
                default="full",
                help_text="what each trial trains",
                max_length=16,
            ),
        ),
        migrations.AddField(
            "tuningjob",
            "prompt_json",
            models.JSONField(blank=True, default=tuning.models.job.plain_prompt, help_text="how rows become text"),
        ),
    ]
