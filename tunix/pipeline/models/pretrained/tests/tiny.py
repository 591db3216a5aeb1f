"""Makes tiny model folders with random weights, for each family and both spellings of config.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import safetensors.numpy

VOCABULARY, WIDTH, HIDDEN, HEADS, KV_HEADS = 48, 64, 96, 4, 2
LENGTH = 40
"""Tokens of a prompt: more than the sliding window, and than the original length of a scaled model."""

Tensors = dict[str, np.ndarray]
Config = dict[str, Any]

TYPES = {"llama3": "llama", "qwen2": "qwen2", "qwen3": "qwen3", "gemma3": "gemma3_text"}
ARCHITECTURES = {"llama3": "Llama", "qwen2": "Qwen2", "qwen3": "Qwen3", "gemma3": "Gemma3"}
HEAD_DIMS = {"llama3": 16, "qwen2": 16, "qwen3": 32, "gemma3": 32}
LAYERS = {"llama3": 2, "qwen2": 2, "qwen3": 2, "gemma3": 6}
"""Gemma 3 has one full layer in six."""


def make_config(family: str, **changed: Any) -> Config:
    """A config.json as transformers 4 wrote it. A key that is changed to None is left out."""
    config: Config = {
        "architectures": [f"{ARCHITECTURES[family]}ForCausalLM"],
        "model_type": TYPES[family],
        "vocab_size": VOCABULARY,
        "hidden_size": WIDTH,
        "intermediate_size": HIDDEN,
        "num_hidden_layers": LAYERS[family],
        "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS,
        "head_dim": HEAD_DIMS[family],
        "max_position_embeddings": 64,
        "rms_norm_eps": 1e-6,
        "rope_theta": 10000.0,
        "tie_word_embeddings": family == "gemma3",
        "eos_token_id": [2, 5],
        "torch_dtype": "float32",
    }
    if family == "gemma3":
        config |= {"hidden_activation": "gelu_pytorch_tanh", "query_pre_attn_scalar": 32, "sliding_window": 8}
        config |= {"rope_theta": 1e6, "rope_local_base_freq": 1e4}
    else:
        config["hidden_act"] = "silu"
    return {key: value for key, value in (config | changed).items() if value is not None}


def in_new_spelling(config: Config) -> Config:
    """The same configuration as transformers 5 writes it."""
    new = dict(config)
    new["dtype"] = new.pop("torch_dtype")
    scaling = {"rope_type" if key == "type" else key: value for key, value in new.pop("rope_scaling", {}).items()}
    full = {"rope_type": "default", "rope_theta": new.pop("rope_theta"), **scaling}
    if config["model_type"] == "gemma3_text":
        sliding = {"rope_type": "default", "rope_theta": new.pop("rope_local_base_freq")}
        new["rope_parameters"] = {"full_attention": full, "sliding_attention": sliding}
    else:
        new["rope_parameters"] = full
    return new


def make_tensors(config: Config, seed: int = 1) -> Tensors:
    """Random weights for a configuration, the same for the same seed, as float32."""
    random = np.random.RandomState(seed)  # a stream that never changes, unlike that of default_rng
    gemma = config["model_type"] == "gemma3_text"
    return {
        name: (random.standard_normal(shape) * (0.2 if len(shape) == 1 else shape[-1] ** -0.5)).astype(np.float32)
        + np.float32(len(shape) == 1 and not gemma and name.endswith("norm.weight"))
        for name, shape in _shapes(config).items()
    }


def _shapes(config: Config) -> dict[str, tuple[int, ...]]:
    width, hidden, head = config["hidden_size"], config["intermediate_size"], config["head_dim"]
    queries, keys = config["num_attention_heads"] * head, config["num_key_value_heads"] * head
    shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (config["vocab_size"], width)}
    for number in range(config["num_hidden_layers"]):
        layer = f"model.layers.{number}"
        for name, rows in (("q", queries), ("k", keys), ("v", keys)):
            shapes[f"{layer}.self_attn.{name}_proj.weight"] = (rows, width)
            if config["model_type"] == "qwen2":
                shapes[f"{layer}.self_attn.{name}_proj.bias"] = (rows,)
        shapes[f"{layer}.self_attn.o_proj.weight"] = (width, queries)
        shapes |= {f"{layer}.mlp.{name}_proj.weight": (hidden, width) for name in ("gate", "up")}
        shapes[f"{layer}.mlp.down_proj.weight"] = (width, hidden)
        norms = ["input_layernorm", "post_attention_layernorm"]
        if config["model_type"] == "gemma3_text":
            norms += ["pre_feedforward_layernorm", "post_feedforward_layernorm"]
        shapes |= {f"{layer}.{norm}.weight": (width,) for norm in norms}
        if config["model_type"] in ("gemma3_text", "qwen3"):
            shapes |= {f"{layer}.self_attn.{name}_norm.weight": (head,) for name in "qk"}
    shapes["model.norm.weight"] = (width,)
    if not config["tie_word_embeddings"]:
        shapes["lm_head.weight"] = (config["vocab_size"], width)
    return shapes


def write_folder(folder: Path, config: Config, tensors: Tensors | None = None, *, files: int = 1) -> Path:
    """A complete folder; with several `files` an index names them. `torch_dtype` bfloat16 rounds the weights."""
    folder.mkdir(parents=True)
    tensors = make_tensors(config) if tensors is None else tensors
    if config.get("torch_dtype", config.get("dtype")) == "bfloat16":
        tensors = {name: value.astype(ml_dtypes.bfloat16) for name, value in tensors.items()}
    write_json(folder / "config.json", config)
    write_json(folder / "tokenizer.json", make_tokenizer())
    write_json(folder / "tokenizer_config.json", {"chat_template": "{{ messages[0].content }}"})
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n# A model\n")
    if files == 1:
        safetensors.numpy.save_file(tensors, folder / "model.safetensors", {"format": "pt"})
        return folder
    places = {name: f"model-{number % files + 1:05}-of-{files:05}.safetensors" for number, name in enumerate(tensors)}
    for file in set(places.values()):
        safetensors.numpy.save_file({name: tensors[name] for name in places if places[name] == file}, folder / file)
    write_json(folder / "model.safetensors.index.json", {"metadata": {}, "weight_map": places})
    return folder


def make_folder(folder: Path, family: str = "llama3", *, files: int = 1, **changed: Any) -> Path:
    """A folder of a family in the older spelling, with changes of its configuration."""
    return write_folder(folder, make_config(family, **changed), files=files)


def make_tokenizer(tokens: int = VOCABULARY) -> Config:
    """A tokenizer.json with single characters as tokens."""
    vocabulary = {chr(0x100 + number): number for number in range(tokens)}
    return {"added_tokens": [], "model": {"type": "BPE", "vocab": vocabulary, "merges": []}}


def write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value))


def change_json(path: Path, **changed: Any) -> None:
    """Sets keys of a JSON file; a key that is set to None is removed."""
    value = json.loads(path.read_text()) | changed
    write_json(path, {key: item for key, item in value.items() if item is not None})


def token_ids() -> np.ndarray:
    """Two prompts of LENGTH tokens."""
    return np.random.RandomState(7).randint(0, VOCABULARY, (2, LENGTH)).astype(np.int32)
