"""A model as a plain folder of transformers: weights, config, and a tokenizer that spells texts as we do.

Whoever loads it with `AutoModelForSequenceClassification` and `AutoTokenizer` gets the logits that the model
has here; the export is refused where that is not so.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from senti_studio.arriving import new_folder
from senti_studio.errors import UserError
from senti_studio.learning.batches import make_batch
from senti_studio.learning.bert.families import LEFT_PADDED
from senti_studio.learning.bert.library import transformers
from senti_studio.learning.bert.net import EncoderNet
from senti_studio.learning.bert.spelling import spelling
from senti_studio.learning.bert.token_encoder import TokenEncoder
from senti_studio.learning.model_folder import CARD, Model, load_model

LIMIT = 1e-4
"""Largest accepted difference of a probability."""
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class PlainReport:
    """``rows`` comments were compared, ``left_out`` are too long for that: transformers cuts off their ends;
    ``difference``: the largest one of any probability."""

    folder: str
    rows: int
    left_out: int
    difference: float


def export_plain(model_folder: Path, target: Path, texts: Sequence[str]) -> PlainReport:
    """Writes ``target``, when the folder says of ``texts`` what the model says.

    Raises UserError ``PLAIN_CANNOT``, ``PLAIN_NGRAMS``, ``PLAIN_DISAGREES``, ``ONNX_NO_TEXTS``,
    ``FOLDER_NOT_EMPTY`` and those of `load_model`; ``target`` is then as it was.
    """
    model = load_model(model_folder)
    net, encoder = model.net, model.encoder
    if not isinstance(net, EncoderNet) or not isinstance(encoder, TokenEncoder):
        raise UserError("PLAIN_CANNOT", architecture=model.architecture.key.upper())
    if encoder.ngrams is not None:
        raise UserError("PLAIN_NGRAMS")
    with new_folder(target) as making:
        _write(model, net, encoder, making)
        if (model_folder / CARD).is_file():
            shutil.copyfile(model_folder / CARD, making / "README.md")
        rows, left_out, difference = _compared(model, encoder, making, texts)
        if not rows:
            raise UserError("ONNX_NO_TEXTS")
        if not difference <= LIMIT:
            raise UserError("PLAIN_DISAGREES", difference=f"{difference:.2g}", limit=LIMIT, rows=rows)
    return PlainReport(str(target), rows, left_out, difference)


def _write(model: Model, net: EncoderNet, encoder: TokenEncoder, target: Path) -> None:
    names = {number: label.name for number, label in enumerate(model.labels)}
    net.model.config.id2label = names
    net.model.config.label2id = {name: number for number, name in names.items()}
    net.model.save_pretrained(target)
    is_left = net.model.config.model_type in LEFT_PADDED
    known = transformers().PreTrainedTokenizerFast(
        tokenizer_object=spelling(encoder),
        model_max_length=encoder.max_length,
        padding_side="left" if is_left else "right",
        truncation_side="right",
        model_input_names=["input_ids", "attention_mask"],
        clean_up_tokenization_spaces=False,
        **encoder.marks.names,
    )
    known.save_pretrained(target)
    settings = target / "tokenizer_config.json"
    values = {**json.loads(settings.read_bytes()), "tokenizer_class": "PreTrainedTokenizerFast"}
    settings.write_text(json.dumps(values, ensure_ascii=False, indent=1), "utf-8")


def _compared(
    model: Model, encoder: TokenEncoder, folder: Path, texts: Sequence[str]
) -> tuple[int, int, float]:
    """Rows that were compared, rows that are too long, and the largest difference of a probability."""
    library = transformers()
    net = library.AutoModelForSequenceClassification.from_pretrained(folder, local_files_only=True).eval()
    known = library.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    filled = [text for text in texts if encoder.normalise(text)]
    short = [text for text in filled if len(known(text, truncation=False)["input_ids"]) <= encoder.max_length]
    largest = 0.0
    for start in range(0, len(short), _AT_ONCE):
        some = short[start : start + _AT_ONCE]
        encoded = encoder.encode(list(map(encoder.normalise, some)))
        with torch.inference_mode():
            given = known(some, padding=True, return_tensors="pt")
            there = _shares(net(**given).logits)
            here = _shares(model.net(make_batch(encoded, np.arange(len(some)), torch.device("cpu"))))
        largest = max(largest, float(np.abs(there - here).max()))
    return len(short), len(filled) - len(short), largest


def _shares(logits: torch.Tensor) -> npt.NDArray[np.float32]:
    return np.asarray(logits.float().softmax(dim=1).numpy(), dtype=np.float32)
