from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("datasets", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="dataset",
            name="schema",
            field=models.CharField(
                choices=[("pairs", "prompt and answer"), ("conversations", "conversations")],
                default="pairs",
                max_length=16,
            ),
        ),
    ]
