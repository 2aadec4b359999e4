"""The families of encoders that can be taught to classify comments, and what their config files say.

The names of the fields are those of the config classes of `transformers`; a test compares the table with
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WORD_PIECES, BYTES, PIECES, ONE_FILE = "WordPiece", "byte BPE", "SentencePiece", "tokenizer.json"
"""What a tokenizer reads beside `tokenizer.json`: `vocab.txt`; `vocab.json` with `merges.txt`; a
sentencepiece model; nothing."""


@dataclass(frozen=True, slots=True)
class Family:
    """``layers`` … ``inner``: fields of the config file, with what counts where a file leaves them out;
    ``offset``: position numbers that a family spends on something else than text; ``tokenizer``: what it has
    unless its files name another one."""

    key: str
    name: str
    layers: tuple[str, int] = ("num_hidden_layers", 12)
    width: tuple[str, int] = ("hidden_size", 768)
    heads: tuple[str, int] = ("num_attention_heads", 12)
    inner: tuple[str, int] = ("intermediate_size", 3072)
    longest: tuple[str, int] = ("max_position_embeddings", 512)
    offset: int = 0
    tokenizer: str = WORD_PIECES


FAMILIES: dict[str, Family] = {
    family.key: family
    for family in (
        Family("bert", "BERT"),
        Family("roberta", "RoBERTa", offset=2, tokenizer=BYTES),
        Family("xlm-roberta", "XLM-RoBERTa", offset=2, tokenizer=PIECES),
        Family("camembert", "CamemBERT", offset=2, tokenizer=PIECES),
        Family("electra", "ELECTRA", width=("hidden_size", 256), heads=("num_attention_heads", 4),
               inner=("intermediate_size", 1024)),
        Family("albert", "ALBERT", width=("hidden_size", 4096), heads=("num_attention_heads", 64),
               inner=("intermediate_size", 16384), tokenizer=PIECES),
        Family("distilbert", "DistilBERT", layers=("n_layers", 6), width=("dim", 768), heads=("n_heads", 12),
               inner=("hidden_dim", 3072)),
        Family("xlnet", "XLNet", layers=("n_layer", 24), width=("d_model", 1024), heads=("n_head", 16),
               inner=("d_inner", 4096), longest=("", 0), tokenizer=PIECES),
        Family("deberta", "DeBERTa", tokenizer=BYTES),
        Family("deberta-v2", "DeBERTa-v2/v3", layers=("num_hidden_layers", 24), width=("hidden_size", 1536),
               heads=("num_attention_heads", 24), inner=("intermediate_size", 6144),
               tokenizer=PIECES),
        Family("modernbert", "ModernBERT", layers=("num_hidden_layers", 22),
               inner=("intermediate_size", 1152), longest=("max_position_embeddings", 8192),
               tokenizer=ONE_FILE),
        Family("longformer", "Longformer", offset=2, tokenizer=BYTES),
        Family("big_bird", "BigBird", longest=("max_position_embeddings", 4096), tokenizer=PIECES),
        Family("ernie", "ERNIE"),
        Family("mpnet", "MPNet", offset=2),
        Family("roformer", "RoFormer", longest=("max_position_embeddings", 1536)),
        Family("convbert", "ConvBERT"),
        Family("megatron-bert", "Megatron-BERT", layers=("num_hidden_layers", 24),
               width=("hidden_size", 1024), heads=("num_attention_heads", 16),
               inner=("intermediate_size", 4096)),
        Family("mobilebert", "MobileBERT", layers=("num_hidden_layers", 24), width=("hidden_size", 512),
               heads=("num_attention_heads", 4), inner=("intermediate_size", 512)),
        Family("rembert", "RemBERT", layers=("num_hidden_layers", 32), width=("hidden_size", 1152),
               heads=("num_attention_heads", 18), inner=("intermediate_size", 4608),
               tokenizer=PIECES),
        Family("squeezebert", "SqueezeBERT"),
    )
}  # fmt: skip

WRITERS = frozenset(
    (
        "gpt2", "gpt_neo", "gpt_neox", "gptj", "gpt_oss", "openai-gpt", "gpt_bigcode", "llama",
        "mistral", "mistral3", "mixtral", "qwen", "qwen2", "qwen2_moe", "qwen3", "qwen3_moe", "gemma",
        "gemma2", "gemma3", "gemma3_text", "phi", "phi3", "bloom", "opt", "falcon", "mpt", "chatglm",
        "glm", "glm4", "baichuan", "internlm", "internlm2", "deepseek_v2", "deepseek_v3", "olmo",
        "olmo2", "stablelm", "ctrl", "rwkv", "mamba", "xglm", "codegen", "cpmant",
    )
)  # fmt: skip
"""Models that go on writing a text (GPT and its like): known by name, so that a refusal can say what they
are."""

TRANSLATORS = frozenset(
    (
        "t5", "mt5", "umt5", "t5gemma", "bart", "mbart", "pegasus", "bigbird_pegasus", "marian",
        "m2m_100", "prophetnet", "blenderbot", "led", "encoder-decoder", "fsmt", "nllb-moe", "longt5",
        "switch_transformers",
    )
)  # fmt: skip
"""Models that turn one text into another (T5 and its like)."""

OTHER_SENSES = frozenset(
    (
        "clip", "chinese_clip", "vit", "deit", "beit", "swin", "resnet", "convnext", "whisper",
        "wav2vec2", "hubert", "layoutlm", "layoutlmv2", "layoutlmv3", "blip", "blip-2", "llava",
        "siglip", "detr", "segformer", "sam", "vilt", "vision-encoder-decoder", "speech_to_text",
        "bark", "data2vec-vision",
    )
)  # fmt: skip
"""Models of pictures and sound."""


def number_of(config: Mapping[str, Any], field: tuple[str, int], *, least: int = 0) -> int:
    """A whole number of a config file, or its default. Raises ValueError for anything else."""
    name, default = field
    value = config.get(name, default) if name else default
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= 100_000_000:
        raise ValueError(f"{name}: {value!r}"[:100])
    return value
