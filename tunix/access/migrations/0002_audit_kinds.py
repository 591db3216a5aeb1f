from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("access", "0001_squashed"),
    ]

    operations = [
        migrations.AlterField(
            model_name='auditentry',
            name='subject_kind',
            field=models.CharField(choices=[('data set', 'dataset'), ('base model', 'base model'), ('run', 'run'), ('evaluation', 'evaluation'), ('baseline', 'baseline'), ('token', 'token')], max_length=64),
        ),
    ]
