from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0004_items")]

    operations = [
        migrations.AddField(
            model_name="evaluation",
            name="planned_items",
            field=models.PositiveIntegerField(
                null=True,
                help_text="of a run that was raced out: how many items it has; score_mean is the estimate for all",
            ),
        ),
    ]
