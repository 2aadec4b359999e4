"""An adapted encoder as a plain folder of transformers, with the tokenizer that it began with."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from senti_studio.learning.adapting.net import empty_net
from senti_studio.learning.adapting.reading import SOURCE
from senti_studio.learning.bert.library import transformers
from senti_studio.learning.bert.token_encoder import TokenEncoder

ENCODER = "encoder"
"""Folder in the run where the encoder lies until it is on the shelf."""
_CONFIG = "config.json"


def write_encoder(encoder: TokenEncoder, weights: Mapping[str, Tensor], data: Path, target: Path) -> None:
    """Writes ``target`` anew. What came with the encoder that it began with (``data/source``: its tokenizer,
    its card, its terms) comes along; the config says what it said there."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    net = empty_net(encoder, weights, dropout=None)
    net.model.save_pretrained(target)
    source = data / SOURCE
    if not source.is_dir():
        _write_tokenizer(encoder, target)
        return
    for path in source.iterdir():
        if path.name != _CONFIG:
            shutil.copyfile(path, target / path.name)


def _write_tokenizer(encoder: TokenEncoder, target: Path) -> None:
    """The vocabulary of our own, which other programs, too, find in lower case and half width."""
    known = transformers().PreTrainedTokenizerFast(
        tokenizer_object=_for_everybody(encoder),
        model_max_length=encoder.max_length,
        model_input_names=["input_ids", "attention_mask"],
        clean_up_tokenization_spaces=False,
        **encoder.marks.names,
    )
    known.save_pretrained(target)
    settings = target / "tokenizer_config.json"
    values = {**json.loads(settings.read_bytes()), "tokenizer_class": "PreTrainedTokenizerFast"}
    settings.write_text(json.dumps(values, ensure_ascii=False, indent=1), "utf-8")


def _for_everybody(encoder: TokenEncoder) -> Any:
    from tokenizers import normalizers

    from senti_studio.learning.bert.token_encoder import TOKENIZER, read_tokenizer

    found = read_tokenizer(encoder.contents()[TOKENIZER])
    found.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    return found
