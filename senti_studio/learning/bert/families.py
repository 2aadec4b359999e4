"""What differs between the families of encoders, and what a config of one may say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from senti_studio.learning.bert.library import transformers

_FIRST_POSITION = {"roberta": 2, "xlm-roberta": 2, "camembert": 2, "longformer": 2, "mpnet": 2}
"""Position numbers that a family spends on something else than text."""
ENDLESS = frozenset(("xlnet",))
"""Families that know no places, only distances."""
LEFT_PADDED = frozenset(("xlnet",))
"""Families whose head reads the last place of a row."""

_HEAD_DROPOUTS = (
    "classifier_dropout", "classifier_dropout_prob", "seq_classif_dropout", "summary_last_dropout",
    "cls_dropout",
)  # fmt: skip

_LEFT_OUT = frozenset(
    (
        "_name_or_path", "architectures", "auto_map", "custom_pipelines", "dtype", "finetuning_task",
        "id2label", "label2id", "name_or_path", "num_labels", "problem_type", "return_dict",
        "task_specific_params", "tokenizer_class", "torch_dtype", "transformers_version", "output_attentions",
        "output_hidden_states", "attn_implementation", "_attn_implementation",
        "_attn_implementation_internal", "quantization_config",
    )
)  # fmt: skip
"""What a config says about its origin, its labels or its use, and nothing about the net."""

MOST_LAYERS = 200
LARGEST_NUMBER = 50_000_000
"""No number of a config is larger; a net of millions of layers would keep a machine busy for ever."""


def plain_config(values: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a config that describes the net. Raises ValueError for numbers that no net has."""
    kept = {name: value for name, value in values.items() if name not in _LEFT_OUT}
    for name, value in kept.items():
        most = MOST_LAYERS if "layer" in name and "norm" not in name else LARGEST_NUMBER
        numbers = value if isinstance(value, list) else [value]
        if len(numbers) > MOST_LAYERS or any(_is_beyond(number, most) for number in numbers):
            raise ValueError(f"{name}: {str(value)[:60]}")
    return kept


def _is_beyond(value: object, most: int) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool) and not -most <= value <= most


def build_config(values: Mapping[str, Any], classes: int = 2, *, dropout: float | None = None) -> Any:
    """The config object for so many classes. Raises ValueError when transformers does not accept it.

    ``dropout``: of the head, where the family has it as a number of its own.
    """
    given = {**values, **({name: dropout for name in _HEAD_DROPOUTS if name in values} if dropout else {})}
    key = str(given.pop("model_type", ""))
    try:
        config = transformers().AutoConfig.for_model(key, num_labels=classes, **given)
    except Exception as error:
        # Of its many checks each has an exception of its own; all of them say: this is no config.
        raise ValueError(f"{key}: {str(error)[:200]}") from error
    if dropout is not None:
        for name in _HEAD_DROPOUTS:
            if hasattr(config, name):
                setattr(config, name, dropout)
    return config


def longest_text(config: Any) -> int:
    """The most units, special ones included, that a net of this config can read; 0 = no limit."""
    key = str(config.model_type)
    places = int(getattr(config, "max_position_embeddings", 0) or 0)
    return 0 if key in ENDLESS or places <= 0 else places - _FIRST_POSITION.get(key, 0)
