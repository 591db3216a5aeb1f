"""The parts of response bodies, and the report of a check."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from tunix.evaluation.models import Evaluation

from ..analysis.early_stopping import steps_json
from ..domain.selection.outcome import VerdictOutcome
from ..domain.space.distributions.schema import definition_schema
from ..domain.space.expressions import MAX_LENGTH
from ..domain.space.parsing import MAX_CONSTRAINTS
from ..models import TuningJob
from ..preflight import Level

METRIC_MODES = TuningJob._meta.get_field("metric_mode").choices


def messages_by_path(**options: Any) -> serializers.DictField:
    """`{"search_space_json.learning_rate.min": ["Must be ..."]}`"""
    return serializers.DictField(child=serializers.ListField(child=serializers.CharField()), **options)


def constraints_field() -> serializers.ListField:
    """`["batch_size >= 2 * gradient_accumulation_steps"]`"""
    help_text = "comparisons of two products of numbers and parameters, which every trial obeys"
    child = serializers.CharField(max_length=MAX_LENGTH)
    return serializers.ListField(child=child, required=False, max_length=MAX_CONSTRAINTS, help_text=help_text)


@extend_schema_field(definition_schema())
class DefinitionField(serializers.DictField):
    """The definition of one parameter of a search space."""


class StepsSerializer(serializers.Serializer):
    """Training steps of the search trials that completed or were stopped early."""

    planned = serializers.IntegerField(help_text="if all of them had run to their end")
    trained = serializers.IntegerField()
    saved_share = serializers.FloatField(help_text="of the planned ones, 0 to 1")


class ProgressSerializer(serializers.Serializer):
    """The progress of a job in trials. `pending`: not started, or waiting again. `percent`: `ended` of `total`."""

    total = serializers.IntegerField()
    completed = serializers.IntegerField()
    pruned = serializers.IntegerField(help_text="stopped early")
    failed = serializers.IntegerField()
    running = serializers.IntegerField()
    pending = serializers.IntegerField()
    ended = serializers.IntegerField()
    percent = serializers.IntegerField()
    elapsed_seconds = serializers.FloatField(allow_null=True)
    steps = StepsSerializer()

    def to_representation(self, job: TuningJob) -> dict[str, object]:
        """`job` comes from `with_progress()`."""
        total, ended, running = job.num_samples, job.ended_trials, job.running_trials  # type: ignore[attr-defined]
        return {
            "total": total,
            "completed": job.completed_trials,  # type: ignore[attr-defined]
            "pruned": job.pruned_trials,  # type: ignore[attr-defined]
            "failed": job.failed_trials,  # type: ignore[attr-defined]
            "running": running,
            "pending": 0 if job.ended_early else max(0, total - ended - running),
            "ended": ended,
            "percent": min(100, 100 * ended // max(total, 1)),
            "elapsed_seconds": job.elapsed_seconds,
            "steps": steps_json(job),
        }


class EndedEarlySerializer(serializers.Serializer):
    """The budget that ended the search, or the whole job, before its trials were used up."""

    budget = serializers.CharField(help_text="its name in budget_json; search_space: nothing new was left")
    scope = serializers.ChoiceField(
        choices=["search", "job"], help_text="search: a confirmation that is asked for still runs; job: nothing does"
    )
    detail = serializers.CharField(help_text="in words, with the figures")
    trial = serializers.IntegerField(allow_null=True, help_text="number of the trial that decided it")


@extend_schema_serializer(deprecate_fields=["test_looks"])
class VerdictSerializer(serializers.Serializer):
    """What the last confirmation showed. `stale`: it no longer holds, for the reason in `why_stale`."""

    round = serializers.IntegerField(help_text="how many confirmations there were")
    outcome = serializers.ChoiceField(choices=[(outcome.value, outcome.label) for outcome in VerdictOutcome])
    sentence = serializers.CharField()
    stale = serializers.BooleanField()
    why_stale = serializers.CharField(allow_blank=True)
    winner = serializers.IntegerField(allow_null=True, help_text="number of the trial whose configuration won")
    metric = serializers.CharField(allow_blank=True, help_text="that the test rows were scored by")
    difference = serializers.FloatField(allow_null=True, help_text="to the default configuration, on the test split")
    low = serializers.FloatField(allow_null=True, help_text="lower end of the difference's interval")
    high = serializers.FloatField(allow_null=True)
    p = serializers.FloatField(allow_null=True)
    score = serializers.FloatField(allow_null=True, help_text="of the winner on the test split")
    default_score = serializers.FloatField(allow_null=True)
    seeds = serializers.IntegerField(allow_null=True, help_text="of winner and default that were compared")
    ahead = serializers.IntegerField(allow_null=True, help_text="in how many of them the winner is the better one")
    items = serializers.IntegerField(allow_null=True, help_text="test rows")
    margin = serializers.FloatField(allow_null=True, help_text="within which the two count as equally good")
    number = serializers.IntegerField(help_text="which proof of the job it is; 0 if no test row was touched")
    level = serializers.FloatField(allow_null=True, help_text="two-sided level of its last test for `better`")
    forecast = serializers.FloatField(allow_null=True, help_text="chance that further stages would have shown it")
    winner_dead = serializers.IntegerField(help_text="runs of the winner that diverged")
    default_dead = serializers.IntegerField(help_text="runs of the default that diverged")
    lost = serializers.IntegerField(help_text="pairs of seeds that a machine's fault ended")
    unjudged = serializers.IntegerField(help_text="answers that could not be judged and count as wrong")
    bound_low = serializers.FloatField(allow_null=True, help_text="least difference, however those were judged")
    bound_high = serializers.FloatField(allow_null=True, help_text="largest difference, however those were judged")
    protocol = serializers.IntegerField(help_text="1: made by a method of earlier versions; 2: in stages")
    method = serializers.CharField(allow_blank=True, help_text="of the comparison")
    test_set_accesses = serializers.IntegerField(help_text="accesses to the test split until then, by anyone")
    test_looks = serializers.IntegerField(help_text="alias of test_set_accesses")

    def to_representation(self, job: TuningJob) -> dict[str, object]:
        """`job` has a verdict and comes from `with_progress()`."""
        known, why = asdict(job.verdict), job.why_verdict_stale
        shown = {name: known.get(name) for name in self.fields}
        shown["test_set_accesses"] = shown["test_looks"]
        return shown | {"stale": why is not None, "why_stale": why or ""}


class FormerVerdictSerializer(serializers.Serializer):
    """What one confirmation of a job showed."""

    round = serializers.IntegerField(help_text="which confirmation")
    number = serializers.IntegerField(help_text="which proof; 0 if no test row was touched")
    outcome = serializers.CharField(help_text="one of those of `verdict`")
    sentence = serializers.CharField()
    level = serializers.FloatField(allow_null=True, help_text="two-sided level of its last test for `better`")
    protocol = serializers.IntegerField(help_text="1: made by a method of earlier versions; 2: in stages")


class KnownJobSerializer(serializers.Serializer):
    """A job whose finished trials the sampler learned from; it may have been deleted."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    known = serializers.IntegerField()
    finished = serializers.IntegerField()


class WarmStartSerializer(serializers.Serializer):
    """What the sampler of a job learned from other jobs when it started."""

    known = serializers.IntegerField(help_text="trials that lie in the search space, at most 1,000")
    finished = serializers.IntegerField(help_text="finished trials of the other jobs")
    sentence = serializers.CharField()
    jobs = KnownJobSerializer(many=True, source="jobs_json")


class GuardStateSerializer(serializers.Serializer):
    """A guard of a job, with what its default configuration scored there and the lowest score that may win."""

    dataset = serializers.CharField()
    judge = serializers.CharField()
    judge_options = serializers.DictField(required=False, help_text="absent if none is set")
    split = serializers.CharField()
    max_items = serializers.IntegerField()
    max_new_tokens = serializers.IntegerField()
    temperature = serializers.FloatField(required=False, help_text="absent if it is 0")
    samples = serializers.IntegerField(required=False, help_text="absent if it is 1")
    max_drop = serializers.FloatField()
    default_score = serializers.FloatField(allow_null=True, help_text="mean of the default trials that completed")
    lowest = serializers.FloatField(allow_null=True)


class StoppedSerializer(serializers.Serializer):
    """Where a trial was stopped, and what it was compared with."""

    rule = serializers.CharField()
    metric = serializers.CharField(help_text="the stopping metric")
    mode = serializers.ChoiceField(choices=METRIC_MODES)
    rung = serializers.IntegerField(help_text="from 1")
    at = serializers.FloatField(help_text="share or step at which the rung lies")
    step = serializers.IntegerField()
    steps = serializers.IntegerField(help_text="that the training would have had")
    value = serializers.FloatField()
    threshold = serializers.FloatField(help_text="what the value had to reach")
    trials = serializers.IntegerField(help_text="how many others at that rung decided")


class GuardReadingSerializer(serializers.Serializer):
    """What a trial scored on a guard, and what it lost there against the default configuration."""

    dataset = serializers.CharField()
    judge = serializers.CharField()
    split = serializers.CharField()
    score = serializers.FloatField(allow_null=True, help_text="of this run")
    mean_score = serializers.FloatField(allow_null=True, help_text="of all runs of its configuration: it decides")
    runs = serializers.IntegerField(help_text="of its configuration: replicates, and fresh seeds of confirmations")
    default_score = serializers.FloatField(allow_null=True)
    drop = serializers.FloatField(allow_null=True, help_text="from default_score to mean_score")
    max_drop = serializers.FloatField()
    broken = serializers.BooleanField()


class JudgeNoiseSerializer(serializers.Serializer):
    """How much the judge disagrees with itself, measured once for a job whose judge calls a service."""

    value = serializers.FloatField(
        allow_null=True, help_text="standard deviation of a mean score; 0 for a judge that calls no service"
    )
    trial = serializers.IntegerField(allow_null=True, help_text="number of the trial whose outputs were judged twice")
    rankable = serializers.BooleanField(
        allow_null=True, help_text="false: the noise exceeds the spread of the trials; null: too few trials to tell"
    )
    sentence = serializers.CharField(allow_blank=True)


class BestEvaluationSerializer(serializers.ModelSerializer):
    """The evaluation recorded with a run."""

    class Meta:
        model = Evaluation
        fields = ["id", "judge", "judge_version", "split", "items", "score_mean"]


class BestSerializer(serializers.Serializer):
    """The best trial so far, and the run that proves it."""

    trial = serializers.IntegerField(help_text="number of the trial", allow_null=True)
    run_id = serializers.UUIDField()
    params = serializers.DictField()
    value = serializers.FloatField(help_text="value of the job's metric")
    evaluation = BestEvaluationSerializer(allow_null=True)


class LinksSerializer(serializers.Serializer):
    """Related addresses."""

    self = serializers.URLField()
    trials = serializers.URLField()
    page = serializers.URLField(help_text="the job's page for people")


class FindingSerializer(serializers.Serializer):
    """One finding about a part of the job, or about what it needs."""

    level = serializers.ChoiceField(choices=[level.value for level in Level])
    about = serializers.CharField(help_text="path of a field, or tokens, space, broker, time, power")
    message = serializers.CharField()


class PlannedRunsSerializer(serializers.Serializer):
    """Runs that the job makes at most, by stage."""

    default = serializers.IntegerField()
    untuned = serializers.IntegerField()
    search = serializers.IntegerField()
    finalists = serializers.IntegerField()
    held_out = serializers.IntegerField()
    total = serializers.IntegerField()


class EstimatesSerializer(serializers.Serializer):
    """What the job would cost; null if there are no earlier runs to estimate it from."""

    runs = PlannedRunsSerializer()
    seconds_a_run = serializers.FloatField(allow_null=True)
    seconds = serializers.FloatField(allow_null=True)
    bytes = serializers.IntegerField(help_text="that the runs leave on the disk")
    free_bytes = serializers.IntegerField()
    judged_items = serializers.IntegerField()
    judge_cost = serializers.FloatField(allow_null=True, help_text="at most, by earlier calls of the same judge")


class ShownTokenSerializer(serializers.Serializer):
    """A token as text; special tokens by their names, and parts of a character as bytes, such as `\\xe6`."""

    text = serializers.CharField()
    trained = serializers.BooleanField(help_text="whether the loss counts it")


class TokenExampleSerializer(serializers.Serializer):
    """A train row as the base model reads it."""

    which = serializers.ListField(
        child=serializers.ChoiceField(choices=["first", "median", "longest"]),
        help_text="the first row, one of median length, the longest within max_seq_length; one row may be several",
    )
    line = serializers.IntegerField(help_text="of the split's file, from 1")
    length = serializers.IntegerField(help_text="tokens, after it is cut")
    trained = serializers.IntegerField(help_text="tokens that the loss counts")
    is_cut = serializers.BooleanField()
    tokens = ShownTokenSerializer(many=True)
    before = serializers.IntegerField(help_text="how many of the tokens come before those that are omitted")
    omitted = serializers.IntegerField(help_text="tokens of a long row that are not shown")


class RehearsalSerializer(serializers.Serializer):
    """The last rehearsal of a job as it is defined now."""

    state = serializers.ChoiceField(choices=["waiting", "running", "done", "failed"])
    at = serializers.CharField(help_text="when the state was written; empty if it is not kept", allow_blank=True)
    doing = serializers.CharField(allow_blank=True, help_text="while it runs: what it tries")
    error = serializers.CharField(allow_blank=True)
    setting = serializers.DictField(help_text="the hyperparameters that are tried: those that take the most memory")
    measured = serializers.DictField(help_text="seconds of each part, and the bytes of the process at its peak")


class ExpectedSerializer(serializers.Serializer):
    """What the job takes by its rehearsal. Parts in seconds, those after `compiling` of all workers together."""

    seconds = serializers.FloatField(help_text="how long the job takes")
    starting = serializers.FloatField()
    compiling = serializers.FloatField()
    training = serializers.FloatField()
    evaluating = serializers.FloatField(help_text="the validation loss")
    generating = serializers.FloatField()
    other = serializers.FloatField()
    programs = serializers.IntegerField(help_text="training programs that are compiled")
    workers = serializers.IntegerField(help_text="trials at once")
    worker_bytes = serializers.IntegerField(help_text="memory of a worker at its peak")
    peak_bytes = serializers.IntegerField(help_text="memory of all processes of the job")


class NeedSerializer(serializers.Serializer):
    """One way to prove a difference."""

    rows = serializers.IntegerField(help_text="test rows")
    seeds = serializers.IntegerField(help_text="of winner and default, at most")
    runs = serializers.FloatField(help_text="of both together, on average")


class PowerPlanSerializer(serializers.Serializer):
    """What a proof of a difference takes, at 80% power."""

    difference = serializers.FloatField(help_text="of scores")
    rows = serializers.IntegerField(help_text="test rows that the dataset has")
    needs = NeedSerializer(many=True, help_text="fewest seeds first; none if no plan shows the difference")
    noise_of = serializers.CharField(
        allow_blank=True, help_text="the job whose controls tell the noise; empty if the usual noise is assumed"
    )
    sentence = serializers.CharField()


class PreflightSerializer(serializers.Serializer):
    """What would go wrong with a job, and what it would cost. `level` is that of the most severe finding."""

    level = serializers.ChoiceField(choices=[level.value for level in Level])
    findings = FindingSerializer(many=True)
    estimates = EstimatesSerializer()
    examples = TokenExampleSerializer(many=True, help_text="three train rows; none if rows or model cannot be read")
    rehearsal = RehearsalSerializer(allow_null=True)
    expected = ExpectedSerializer(allow_null=True, help_text="null before a rehearsal is done")
    power = PowerPlanSerializer(allow_null=True, help_text="null without test rows, and for a metric of training")
