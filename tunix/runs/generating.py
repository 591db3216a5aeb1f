"""Answers a prompt in the runner process: `Generation.RUNNER`."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings

from tunix.pipeline.answering import answer
from tunix.pipeline.failures import Canceled, EvaluationUnavailable, message_of, reason_for
from tunix.work.database_retries import retry_database
from tunix.work.keeper import LeaseKeeper
from tunix.work.lease import finish

from .choices import GenerationStatus
from .models import Generation, TunixRun
from .results import storable

logger = logging.getLogger(__name__)


def run_generation(pk: str, epoch: int, keeper: LeaseKeeper) -> None:
    """Has each run answer, one after another, and records the answers under `epoch`.

    It fails only if no run could answer: a run that could not says why beside the answer of the other.
    """
    generation = Generation.objects.select_related("run", "against").get(pk=pk)
    try:
        answers = [_answer_of(run, generation, keeper) for run in generation.runs()]
    except Canceled:
        status, fields = GenerationStatus.CANCELED, {}
    else:
        status, fields = _outcome(answers)
    retry_database(lambda: finish(Generation, pk, epoch, status, **fields))


def _outcome(answers: list[dict[str, Any]]) -> tuple[GenerationStatus, dict[str, Any]]:
    """The final status, and the other columns."""
    fields: dict[str, Any] = {"answers_json": answers}
    errors = [one["error"] for one in answers if one["error"]]
    if len(errors) < len(answers):
        return GenerationStatus.COMPLETED, fields
    return GenerationStatus.FAILED, fields | {"reason": answers[0]["reason"], "error": "\n".join(errors)}


def _answer_of(run: TunixRun, generation: Generation, keeper: LeaseKeeper) -> dict[str, Any]:
    """The answer of one run, or why there is none. All runs use the threads of the first: a process has one number."""

    def stop_if_canceled(done: int = 0) -> None:
        if keeper.cancel_event.is_set():
            raise Canceled

    stop_if_canceled()
    blank = {"run_id": run.run_id, "text": "", "truncated": False, "prompt_cut": False, "reason": "", "error": ""}
    try:
        (found,) = answer(
            run.spec,
            [generation.prompt],
            artifacts_dir=settings.ARTIFACTS_DIR,
            max_new_tokens=generation.max_new_tokens,
            temperature=generation.temperature,
            seed=generation.seed,
            threads=generation.run.spec.threads,
            progress=stop_if_canceled,
        )
    except Canceled:
        raise
    except EvaluationUnavailable as error:
        return blank | {"reason": "user_error", "error": storable(str(error))}
    except Exception as error:
        logger.exception("generation %s: run %s could not answer", generation.pk, run.pk)
        return blank | {"reason": str(reason_for(error)), "error": storable(message_of(error))}
    return blank | {"text": storable(found.text), "truncated": found.truncated, "prompt_cut": found.prompt_cut}
