"""An encoder as ONNX: ids and a mask in, as everybody names them; a tokenizer that takes texts as written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from senti_studio.errors import UserError
from senti_studio.learning.batches import by_length, make_batch
from senti_studio.learning.bert.net import EncoderNet
from senti_studio.learning.bert.spelling import speller, spelling
from senti_studio.learning.bert.token_encoder import TOKENIZER, TokenEncoder
from senti_studio.learning.contract import Batch
from senti_studio.learning.model_folder import Model
from senti_studio.learning.onnx_form import CPU, PROGRAM, README, Form, Rows
from senti_studio.learning.onnx_recipe import page, program, shares
from senti_studio.shelf.families import FAMILIES
from senti_studio.text.encoding import EncodedTexts

READING = "reading.json"
NGRAMS = "ngrams.json"
SPELLING = "spelling.json"
FIXED = frozenset(("longformer",))
"""Families whose attention counts its blocks while it is traced: the net would read texts of one length."""


def tokens_form(model: Model) -> Form | None:
    """The form of a model with an encoder, None for another one. Raises UserError ``ONNX_FAMILY`` or
    ``ONNX_WINDOWS``."""
    net, encoder = model.net, model.encoder
    if not isinstance(net, EncoderNet) or not isinstance(encoder, TokenEncoder):
        return None
    kind = str(net.model.config.model_type)
    if kind in FIXED:
        raise UserError("ONNX_FAMILY", family=FAMILIES[kind].name)
    if net.window:
        raise UserError("ONNX_WINDOWS")
    return TokensForm(model, net, encoder)


class TokensForm:
    """``input_ids`` and ``attention_mask``, both int64, rows × longest, padded at the end; ids and weights of
    n-grams where the model weighs some."""

    sizes = (16, 1, 5, 32)

    def __init__(self, model: Model, net: EncoderNet, encoder: TokenEncoder) -> None:
        self._model, self._net, self._encoder = model, net, encoder
        self._outside = replace(encoder, tokenizer=spelling(encoder), ngrams=None)
        self._speller = speller(encoder.normalisation)

    def readable(self, texts: Sequence[str]) -> list[str]:
        plain = {text: self._encoder.normalise(text) for text in texts}
        filled = [text for text, spelt in plain.items() if spelt]
        cut = self._encoder.tokenizer.encode_batch_fast(
            [plain[text] for text in filled], add_special_tokens=False
        )
        return [text for text, found in zip(filled, cut, strict=True) if len(found.ids)]

    def encode(self, texts: Sequence[str]) -> EncodedTexts:
        ngrams, rows = self._encoder.ngrams, self._outside.encode(texts)
        if ngrams is None:
            return rows
        spelt = [self._speller.normalizer.normalize_str(text) for text in texts]
        return replace(rows, ngrams=ngrams.weigh(spelt))

    def example(self, text: str) -> Mapping[str, Any]:
        return {"tokens": self._outside.tokenizer.encode(text, add_special_tokens=False).tokens}

    def inputs(self, encoded: EncodedTexts, rows: Rows) -> dict[str, Tensor]:
        batch = make_batch(encoded, rows, CPU)
        ids, lengths = batch.units[0], batch.lengths[0].unsqueeze(1)
        real = torch.arange(ids.shape[1]) < lengths
        found = {
            "input_ids": torch.where(real, ids, self._encoder.marks.padding),
            "attention_mask": real.long(),
        }
        if batch.ngram_ids is not None and batch.ngram_weights is not None:
            found["ngram_ids"], found["ngram_weights"] = batch.ngram_ids, batch.ngram_weights
        return found

    def axes(self, given: Mapping[str, Tensor]) -> dict[str, dict[int, str]]:
        return {
            name: {0: "rows", 1: "ngram_length" if name.startswith("ngram") else "length"} for name in given
        }

    def traced(self, encoded: EncodedTexts) -> Rows:
        """Rows of several lengths: a mask that hides nothing would be left out of the net."""
        order = by_length(encoded.lengths, batch_size=len(encoded))[0]
        return order[[0, len(order) // 2, -1]]

    def net(self) -> nn.Module:
        return _TokensNet(self._net, self._model.temperature)

    def write(self, source: Path, target: Path, *, rows: int, difference: float, language: str) -> None:
        encoder, marks = self._encoder, self._encoder.marks
        (target / TOKENIZER).write_text(self._outside.tokenizer.to_str(), "utf-8")
        head, tail = shares(encoder.truncation, encoder.max_length - marks.count)
        reading = {
            "before": list(marks.before),
            "behind": list(marks.behind),
            "head": head,
            "tail": tail,
            "padding": marks.padding,
        }
        (target / READING).write_text(json.dumps(reading), "utf-8")
        ngrams = encoder.ngrams
        if ngrams is not None:
            (target / NGRAMS).write_text(json.dumps(ngrams.to_json(), ensure_ascii=False), "utf-8")
            (target / SPELLING).write_text(self._speller.to_str(), "utf-8")
        values = page(
            "README.tokens",
            self._model,
            ("ngrams",) if ngrams is not None else (),
            rows=rows,
            difference=difference,
            language=language,
            truncation=encoder.truncation,
            longest=head + tail,
            before=list(marks.before),
            behind=list(marks.behind),
            padding=marks.padding,
            most=ngrams.most_characters if ngrams is not None else 0,
            family=FAMILIES[str(self._net.model.config.model_type)].name,
        )
        (target / README).write_text(values, "utf-8")
        (target / PROGRAM).write_bytes(program("classify_tokens.py"))


class _TokensNet(nn.Module):
    def __init__(self, net: EncoderNet, temperature: float) -> None:
        super().__init__()
        self._net, self._temperature = net, temperature

    def forward(self, ids: Tensor, mask: Tensor, *ngrams: Tensor) -> Tensor:
        """(rows, classes) probabilities."""
        logits: Tensor = self._net(Batch((ids,), (mask.sum(dim=1),), *ngrams))
        return (logits.float() / self._temperature).softmax(dim=1)
