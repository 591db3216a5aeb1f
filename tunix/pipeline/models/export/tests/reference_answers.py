"""What transformers and PEFT make of exported folders: run by `test_interoperability.py` in an environment with torch.

Needs what requirements-interop.txt pins. Reads a request, and writes logits and greedy answers:

    python reference_answers.py REQUEST.json ANSWERS.npz
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np


def loaded(folder: str, adapter: str | None) -> Any:
    """The model in float32, with the adapter beside its weights if there is one. Refuses tensors that go unused."""
    import torch
    from transformers import AutoModelForCausalLM

    model, info = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    if wrong := {key: value for key, value in info.items() if value}:
        raise SystemExit(f"{folder}: {wrong}")
    return model.eval() if adapter is None else with_adapter(model, adapter)


def with_adapter(model: Any, adapter: str) -> Any:
    import peft
    import safetensors.torch

    model = peft.PeftModel.from_pretrained(model, adapter).eval()
    expected = peft.get_peft_model_state_dict(model)
    found = safetensors.torch.load_file(Path(adapter) / "adapter_model.safetensors")
    if expected.keys() != found.keys():
        raise SystemExit(f"{adapter}: {sorted(expected.keys() ^ found.keys())[:5]}")
    return model


def answers(request: dict[str, Any]) -> dict[str, np.ndarray]:
    """`logits` of the first prompt at each position, and `greedy`: each prompt with its continuation, padded by -1."""
    import torch

    model = loaded(request["folder"], request["adapter"])
    with torch.no_grad():
        logits = model(torch.tensor([request["prompts"][0]])).logits[0].numpy()
        made = [greedy(model, prompt, request["new_tokens"]) for prompt in request["prompts"]]
    rows = np.full((len(made), max(map(len, made))), -1)
    for number, ids in enumerate(made):
        rows[number, : len(ids)] = ids
    return {"logits": logits, "greedy": rows}


def greedy(model: Any, prompt: list[int], new_tokens: int) -> list[int]:
    import torch

    ids = torch.tensor([prompt])
    made = model.generate(
        input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=new_tokens, pad_token_id=0
    )
    found: list[int] = made[0].tolist()
    return found


if __name__ == "__main__":
    np.savez(sys.argv[2], **answers(json.loads(Path(sys.argv[1]).read_text())))
