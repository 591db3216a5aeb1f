"""Records the names and shapes that PEFT gives to adapters of tiny models, for `test_peft_folder.py`.

Needs what requirements-interop.txt pins, in an environment of their own: the product needs no torch.

    python -m tunix.pipeline.models.export.tests.record_peft
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from tunix.pipeline.models.pretrained.tests.reference_cases import CASES
from tunix.pipeline.models.pretrained.tests.tiny import write_folder

RECORDED = Path(__file__).parent / "peft_names.json"
RANK = 3
NAMES = ("llama-untied", "qwen2-tied", "qwen3-untied", "gemma3", "gemma3-all-heads")
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def names_and_shapes(name: str, parent: Path) -> dict[str, list[int]]:
    import peft
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(write_folder(parent / name, CASES[name]))
    config = peft.LoraConfig(r=RANK, target_modules=TARGETS, task_type="CAUSAL_LM")
    state: dict[str, Any] = peft.get_peft_model_state_dict(peft.get_peft_model(model, config))
    return {key: list(value.shape) for key, value in sorted(state.items())}


def main() -> None:
    import peft
    import transformers

    with tempfile.TemporaryDirectory() as parent:
        found = {name: names_and_shapes(name, Path(parent)) for name in NAMES}
    versions = {"peft": peft.__version__, "transformers": transformers.__version__}
    RECORDED.write_text(json.dumps({"versions": versions, "adapters": found}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
