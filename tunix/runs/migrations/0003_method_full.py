from django.db import migrations, models


def rename(apps, schema_editor):
    """The training of all weights was called `sft` while it was the only method."""
    apps.get_model("runs", "TunixRun").objects.filter(method="sft").update(method="full")


class Migration(migrations.Migration):
    dependencies = [("runs", "0002_model_versions")]

    operations = [
        migrations.AlterField("tunixrun", "method", models.CharField(default="full", max_length=16)),
        migrations.RunPython(rename, migrations.RunPython.noop),
    ]
