from django.db import migrations, models

import tuning.models.job


def keep_the_verdict(apps, schema_editor):
    """The history of verdicts begins with the one that a job has; older ones were overwritten."""
    jobs = apps.get_model("tuning", "TuningJob").objects.filter(verdict_json__isnull=False)
    for job in jobs.only("pk", "verdict_json").iterator():
        jobs.filter(pk=job.pk).update(verdicts_json=[job.verdict_json])


class Migration(migrations.Migration):
    dependencies = [("tuning", "0002_method_and_prompt")]

    operations = [
        migrations.AddField(
            model_name='tuningjob',
            name='added_seeds_json',
            field=models.JSONField(default=list, editable=False, help_text='seeds a side that were asked for after a verdict: round and number'),
        ),
        migrations.AddField(
            model_name='tuningjob',
            name='verdicts_json',
            field=models.JSONField(default=list, editable=False, help_text='the verdicts of all its confirmations'),
        ),
        migrations.AlterField(
            model_name='tuningevent',
            name='kind',
            field=models.CharField(choices=[('created', 'created'), ('cloned', 'cloned'), ('changed', 'changed'), ('enqueued', 'configuration enqueued'), ('started', 'started'), ('warm_start', 'warm start'), ('running', 'running'), ('resumed', 'resumed'), ('paused', 'paused'), ('unpaused', 'unpaused'), ('handed_back', 'released by its runner'), ('extended', 'trials added'), ('retried', 'trials retried'), ('cancel_requested', 'cancel requested'), ('canceled', 'canceled'), ('deleted', 'deleted'), ('lost', 'runner lost'), ('worker_set_aside', 'worker quarantined'), ('trial_failed', 'trial failed'), ('pruned', 'trial stopped early'), ('new_best', 'new best'), ('barred', 'trial disqualified by a guard'), ('budget', 'ended by a budget'), ('excluded', 'trial excluded'), ('included', 'trial included again'), ('no_winner', 'no trial can win'), ('confirmation_requested', 'confirmation requested'), ('finalists', 'finalists chosen'), ('winner_fixed', 'winner fixed'), ('proof_stage', 'proof continued'), ('seeds_added', 'seeds added'), ('verdict', 'verdict'), ('promoted', 'promoted'), ('completed', 'completed'), ('failed', 'failed')], max_length=32),
        ),
        migrations.AlterField(
            model_name='tuningjob',
            name='confirmation_json',
            field=models.JSONField(default=tuning.models.job.search_alone, help_text='controls, automatic, top, seeds, max_seeds, margin'),
        ),
        migrations.RunPython(keep_the_verdict, migrations.RunPython.noop),
    ]
