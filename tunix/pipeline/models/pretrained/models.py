"""Google's models with the sizes of a folder's config.json."""

from __future__ import annotations

from typing import Any

from flax import nnx

from tunix.models.gemma3 import model as gemma3
from tunix.models.llama3 import model as llama3
from tunix.models.qwen2 import model as qwen2
from tunix.models.qwen3 import model as qwen3
from tunix.pipeline.models.forward import Model, unembed
from tunix.pipeline.models.pretrained.configuration import ModelConfiguration
from tunix.pipeline.models.pretrained.positions import rotating_by
from tunix.pipeline.models.pretrained.rope import Rope


class Llama3(llama3.Llama3):
    """Llama 3 with the position embeddings of its folder, and with hidden states like those of the other families."""

    def __init__(self, config: llama3.ModelConfig, rope: Rope, *, rngs: nnx.Rngs) -> None:
        super().__init__(config, rngs=rngs)
        self.rope = rope

    def __call__(
        self, tokens: Any, positions: Any, cache: Any, attention_mask: Any, output_hidden_states: bool = False
    ) -> Any:
        with rotating_by(self.rope):
            if not output_hidden_states:
                return super().__call__(tokens, positions, cache, attention_mask)
            hidden, cache = self._hidden_states(tokens, positions, cache, attention_mask)
        self.sow(nnx.Intermediate, "all_hidden_states", hidden)
        return unembed(self, hidden), cache

    def _hidden_states(self, tokens: Any, positions: Any, cache: Any, attention_mask: Any) -> Any:
        """Google's Llama 3 returns logits only."""
        hidden, new_cache = self.embedder.encode(tokens), {}
        for number, layer in enumerate(self.layers):
            name = f"layer_{number}"
            new_cache[name], hidden = layer(hidden, positions, cache[name] if cache else None, attention_mask)
        return self.final_norm(hidden), new_cache if cache else None


class Qwen2(qwen2.Qwen2):
    """Qwen 2.5 with the position embeddings of its folder."""

    def __init__(self, config: qwen2.ModelConfig, rope: Rope, *, rngs: nnx.Rngs) -> None:
        super().__init__(config, rngs=rngs)
        self.rope = rope

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with rotating_by(self.rope):
            return super().__call__(*args, **kwargs)


class Qwen3(qwen3.Qwen3):
    """Qwen 3 with the position embeddings of its folder."""

    def __init__(self, config: qwen3.ModelConfig, rope: Rope, *, rngs: nnx.Rngs) -> None:
        super().__init__(config, rngs=rngs)
        self.rope = rope

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with rotating_by(self.rope):
            return super().__call__(*args, **kwargs)


def abstract_model(configuration: ModelConfiguration, dtype: Any) -> Model:
    """The model without weights: its variables have shapes only. It computes in `dtype`."""
    build = {"llama3": _llama3, "qwen2": _qwen2, "qwen3": _qwen3, "gemma3": _gemma3}[configuration.family.name]
    return nnx.eval_shape(lambda: build(configuration, dtype))


def _sizes(configuration: ModelConfiguration) -> dict[str, Any]:
    return {
        "num_layers": configuration.layers,
        "embed_dim": configuration.width,
        "hidden_dim": configuration.hidden,
        "num_heads": configuration.heads,
        "num_kv_heads": configuration.kv_heads,
        "head_dim": configuration.head_dim,
    }


def _plain(configuration: ModelConfiguration) -> dict[str, Any]:
    """What all families but Gemma 3 have. `rope_theta` is required, but `positions.py` decides."""
    return {
        **_sizes(configuration),
        "vocab_size": configuration.vocabulary,
        "rope_theta": configuration.rope.theta,
        "norm_eps": configuration.norm_epsilon,
    }


def _llama3(configuration: ModelConfiguration, dtype: Any) -> Model:
    """Computes in the type of its weights."""
    config = llama3.ModelConfig(**_plain(configuration), weight_tying=configuration.tied)
    return Llama3(config, configuration.rope, rngs=nnx.Rngs(0))


def _qwen2(configuration: ModelConfiguration, dtype: Any) -> Model:
    config = qwen2.ModelConfig(
        **_plain(configuration), use_tied_embedding=configuration.tied, dtype=dtype, param_dtype=dtype
    )
    return Qwen2(config, configuration.rope, rngs=nnx.Rngs(0))


def _qwen3(configuration: ModelConfiguration, dtype: Any) -> Model:
    config = qwen3.ModelConfig(
        **_plain(configuration), use_tied_embedding=configuration.tied, dtype=dtype, param_dtype=dtype
    )
    return Qwen3(config, configuration.rope, rngs=nnx.Rngs(0))


def _gemma3(configuration: ModelConfiguration, dtype: Any) -> Model:
    """Google's Gemma 3 has both embeddings and linear scaling itself."""
    local = configuration.local_rope or configuration.rope
    scale = gemma3.QueryPreAttentionNormalisation
    config = gemma3.ModelConfig(
        **_sizes(configuration),
        num_embed=configuration.vocabulary,
        sliding_window_size=configuration.sliding_window,
        local_base_frequency=local.theta,
        local_scale_factor=local.factor,
        global_base_frequency=configuration.rope.theta,
        global_scale_factor=configuration.rope.factor,
        query_pre_attn_norm=scale.BY_ONE_OVER_SQRT_EMBED_DIM_DIV_NUM_HEADS
        if configuration.scaled_by_width
        else scale.BY_ONE_OVER_SQRT_HEAD_DIM,
        param_dtype=dtype,
    )
    return gemma3.Gemma3(config, rngs=nnx.Rngs(0))
