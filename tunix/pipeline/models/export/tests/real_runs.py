"""A short LoRA run of a real checkpoint, and prompts for the model that it trains."""

from __future__ import annotations

from pathlib import Path

from tunix.pipeline.data import dates
from tunix.pipeline.hyperparameters import resolve
from tunix.pipeline.models.added import source_of, write_source
from tunix.pipeline.models.pretrained.inspection import PretrainedModel
from tunix.pipeline.run import execute
from tunix.pipeline.spec import PromptSpec, RunOutcome, RunSpec
from tunix.pipeline.tests.making import make_dataset, make_spec, no_report

HYPERPARAMETERS = {
    "num_steps": 8,
    "batch_size": 8,
    "max_seq_length": 48,
    "eval_every_steps": 0,
    "learning_rate": 2e-3,
    "lora_rank": 8,
}
ROWS = 160


def train(base: PretrainedModel, artifacts: Path) -> RunSpec:
    """Trains on the first dates: after so few steps, most answers are dates already. Takes minutes."""
    rows = dates.generate()
    dataset = make_dataset(artifacts, "dates", train=rows["train"][:ROWS], validation=rows["validation"][:8])
    write_source(artifacts, source_of(artifacts, "real", base))
    spec = make_spec(
        dataset,
        {"max_items": 8, "max_new_tokens": 12},
        base_model_id="real",
        method="lora",
        hyperparameters=resolve(HYPERPARAMETERS, "lora"),
        prompt=PromptSpec(format="text", template="{prompt}\nISO date: "),
    )
    result = execute(spec, no_report, artifacts_dir=artifacts)
    assert result.outcome == RunOutcome.COMPLETED, result.error
    return spec


def date_prompts(count: int) -> list[str]:
    """Prompts of rows that no run is trained on, as a run writes them."""
    return [f"{row.prompt}\nISO date: " for row in dates.generate()["test"][:count]]
