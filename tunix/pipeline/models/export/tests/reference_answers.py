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
    """`logits` of the first prompt at each position, and for each token of the greedy answer to each prompt:

    `best` [prompts, new tokens, 2], the two most likely ids, of which the first is the answer, and `best_logits`, their
    logits. What follows the end of an answer means nothing.
    """
    import torch

    model, prompts = loaded(request["folder"], request["adapter"]), request["prompts"]
    shape = len(prompts), request["new_tokens"], 2
    best, best_logits = np.zeros(shape, np.int64), np.zeros(shape, np.float32)
    with torch.no_grad():
        logits = model(torch.tensor([prompts[0]])).logits[0].numpy()
        for length in {len(prompt) for prompt in prompts}:  # without padding
            rows = [number for number, prompt in enumerate(prompts) if len(prompt) == length]
            top = greedy(model, [prompts[row] for row in rows], request["new_tokens"]).topk(2)
            best[rows, : top.indices.shape[1]] = top.indices.numpy()
            best_logits[rows, : top.values.shape[1]] = top.values.numpy()
    return {"logits": logits, "best": best, "best_logits": best_logits}


def greedy(model: Any, prompts: list[list[int]], new_tokens: int) -> Any:
    """The logits from which the tokens of greedy answers were chosen [prompts, tokens, vocabulary]."""
    import torch

    ids = torch.tensor(prompts)
    made = model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        do_sample=False,
        max_new_tokens=new_tokens,
        pad_token_id=0,
        output_logits=True,
        return_dict_in_generate=True,
    )
    return torch.stack(made.logits, dim=1).float()


if __name__ == "__main__":
    np.savez(sys.argv[2], **answers(json.loads(Path(sys.argv[1]).read_text())))
