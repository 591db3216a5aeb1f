"""The check of what the rows contain: against the judges, the lengths and the tokenizer of a job."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.conf import settings

from tunix.datasets.models import Dataset
from tunix.pipeline.data.rows import DatasetError
from tunix.pipeline.models.base_models import BaseModelError, UnknownBaseModel
from tunix.pipeline.models.resolving import resolve_base_model

from ..analysis.leakage import TEST
from ..domain.selection.guards import guard_path
from ..models import TuningJob
from ..services.rehearsal_file import DONE, KeptRehearsal
from .answers import check_answers
from .expected import Expected, expected_of
from .findings import Finding, Level, problem, warning
from .lengths import check_generated_length, check_sequence_length, check_writable
from .likeness import check_near_copies, check_near_duplicates
from .sizes import check_sizes
from .texts import Texts
from .tokens import check_tokens, examples_of

if TYPE_CHECKING:
    from tunix.pipeline.data.token_examples import TokenExample


def check_contents(job: TuningJob) -> Iterator[Finding]:
    """What the rows contain. Missing files and models are reported elsewhere: here they are only left out."""
    try:
        texts = texts_of(job)
    except (UnknownBaseModel, BaseModelError):
        return
    try:
        yield from _check_own(job, texts)
        yield from _check_guards(job, texts)
    except DatasetError:
        return
    except BaseModelError as error:  # a tokenizer or a chat template that cannot be used
        yield problem("base_model_id", str(error))


def _check_guards(job: TuningJob, texts: Texts) -> Iterator[Finding]:
    for index, guard in enumerate(job.guards):
        dataset = Dataset.objects.filter(key=guard.dataset).first()
        if dataset is not None:
            theirs = Texts(dataset, texts.info, job.prompt)
            yield from check_answers(guard_path(index, "judge"), guard.evaluation, theirs)
            yield from check_generated_length(guard_path(index, "max_new_tokens"), guard.evaluation, theirs, texts)


def texts_of(job: TuningJob) -> Texts:
    """The job's own rows, as its base model reads them. Raises UnknownBaseModel and BaseModelError."""
    return Texts(job.dataset, resolve_base_model(job.base_model_id, settings.ARTIFACTS_DIR), job.prompt)


def shown_examples(job: TuningJob) -> tuple[TokenExample, ...]:
    """Three train rows as the model reads them; none where rows or model cannot be read, which findings say."""
    try:
        return tuple(examples_of(job, texts_of(job)))
    except (DatasetError, UnknownBaseModel, BaseModelError):
        return ()


def expected_by(job: TuningJob, rehearsal: KeptRehearsal | None) -> Expected | None:
    """What the job takes by its rehearsal; None before that is done, and where the rows cannot be read."""
    if rehearsal is None or rehearsal.state != DONE:
        return None
    try:
        return expected_of(job, rehearsal, texts_of(job))
    except (DatasetError, UnknownBaseModel, BaseModelError):
        return None


def _check_own(job: TuningJob, texts: Texts) -> Iterator[Finding]:
    evaluation = job.evaluation
    yield from _check_contradictions(job.dataset)
    yield from check_near_duplicates(job)
    yield from check_near_copies(job)
    yield from check_tokens(job, texts)
    yield from check_sizes(job, texts)
    yield from check_answers("evaluation_json.judge", evaluation, texts)
    yield from check_sequence_length(job, texts)
    yield from check_generated_length("evaluation_json.max_new_tokens", evaluation, texts, texts)
    yield from check_writable(evaluation, texts)
    if evaluation.split != TEST:
        yield from _check_confirmation(job, texts)


def _check_contradictions(dataset: Dataset) -> Iterator[Finding]:
    """Prompts with several answers, which the import counted."""
    known = dataset.manifest_json.get("contradictions") or {}
    if count := known.get("prompts"):
        example = " and ".join(known["examples"][0]["lines"])
        yield warning(
            "dataset_key",
            f"{count:,} prompt{' has' if count == 1 else 's have'} different answers (such as {example}): "
            "a model gives only one of them. If that is not meant, correct the rows and import them under another key.",
        )


def _check_confirmation(job: TuningJob, texts: Texts) -> Iterator[Finding]:
    """The same for the test rows, which prove the winner. Only what is wrong, and no problem unless it is automatic."""
    proof = job.evaluation.of_proof
    found = [
        *check_answers("evaluation_json.judge", proof, texts),
        *check_generated_length("evaluation_json.max_new_tokens", proof, texts, texts),
        *check_writable(proof, texts),
    ]
    for one in found:
        if one.level == Level.PROBLEM and not job.confirmation.automatic:
            yield warning(one.about, f"The winner could not be confirmed: {one.message}")
        elif one.level != Level.OK:
            yield one
