"""What an exported net is given, and what lies beside it: a form for units and n-grams, one for sub-words."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from senti_studio.learning.batches import by_length, make_batch
from senti_studio.learning.contract import Batch
from senti_studio.learning.model_folder import Model
from senti_studio.learning.onnx_recipe import program, recipe
from senti_studio.text.encoding import EncodedTexts, TextEncoder

Rows = npt.NDArray[np.int64]

CPU = torch.device("cpu")
OUTPUT = "probabilities"
README = "README.md"
PROGRAM = "classify.py"
EXAMPLE_TEXTS = (
    "这家店的菜很好吃，下次还来！",
    "等了一个小时，态度还很差……",
    "@客服 房间ＯＫ，早餐一般，见 https://example.com/a?b=1",
    "好好好好好好好！[doge][心]👍👍👍👍",
    "一分钱一分货吧",
)
"""Invented: an export must not carry comments of people along."""


class Form(Protocol):
    """``sizes``: rows of the batches that are compared, in turn: an axis that the exporter took for a fixed
    one shows."""

    @property
    def sizes(self) -> tuple[int, ...]: ...

    def readable(self, texts: Sequence[str]) -> list[str]:
        """The texts that the net is asked about, each once; of others it has no opinion."""

    def encode(self, texts: Sequence[str]) -> EncodedTexts:
        """Rows of texts as people wrote them, by nothing but what lies beside the net."""

    def example(self, text: str) -> Mapping[str, Any]:
        """A text on its way to the net, for whoever writes that way anew."""

    def inputs(self, encoded: EncodedTexts, rows: Rows) -> dict[str, Tensor]:
        """The inputs of the exported net by name."""

    def axes(self, given: Mapping[str, Tensor]) -> dict[str, dict[int, str]]:
        """The axes of the inputs that differ from batch to batch, by name."""

    def traced(self, encoded: EncodedTexts) -> Rows:
        """Rows on which the net is traced."""

    def net(self) -> nn.Module:
        """The net with plain tensors in, in the order of `inputs`, and calibrated probabilities out."""

    def write(self, source: Path, target: Path, *, rows: int, difference: float, language: str) -> None:
        """All files but the net and what every model has: what reads texts, a recipe, a program."""


class UnitsForm:
    """Words, characters and n-grams, as `TextEncoder` gives them."""

    sizes = (64, 1, 7, 256)

    def __init__(self, model: Model, encoder: TextEncoder) -> None:
        self._model, self._encoder = model, encoder

    def readable(self, texts: Sequence[str]) -> list[str]:
        return [text for text in dict.fromkeys(texts) if self._encoder.normalise(text)]

    def encode(self, texts: Sequence[str]) -> EncodedTexts:
        return self._encoder.encode([self._encoder.normalise(text) for text in texts])

    def example(self, text: str) -> Mapping[str, Any]:
        return {"normalised": self._encoder.normalise(text)}

    def inputs(self, encoded: EncodedTexts, rows: Rows) -> dict[str, Tensor]:
        batch = make_batch(encoded, rows, CPU)
        found = {}
        for view, ids, lengths in zip(self._encoder.views, batch.units, batch.lengths, strict=True):
            found[f"{view}_ids"], found[f"{view}_lengths"] = ids, lengths
        if batch.ngram_ids is not None and batch.ngram_weights is not None:
            found["ngram_ids"], found["ngram_weights"] = batch.ngram_ids, batch.ngram_weights
        return found

    def axes(self, given: Mapping[str, Tensor]) -> dict[str, dict[int, str]]:
        found = {
            name: {0: "rows"} if value.dim() == 1 else {0: "rows", 1: name.removesuffix("_ids") + "_length"}
            for name, value in given.items()
        }
        ngrams = {name: {0: "rows", 1: "ngram_length"} for name in ("ngram_ids", "ngram_weights")}
        return found | {name: axes for name, axes in ngrams.items() if name in given}

    def traced(self, encoded: EncodedTexts) -> Rows:
        """The longest comment and some others, so that nothing of the net is left out."""
        order = by_length(encoded.lengths, batch_size=len(encoded))[0]
        return order[-3:] if len(order) > 2 else order

    def net(self) -> nn.Module:
        return _UnitsNet(self._model, len(self._encoder.views))

    def write(self, source: Path, target: Path, *, rows: int, difference: float, language: str) -> None:
        for name in self._model.architecture.encoder_files:
            shutil.copyfile(source / name, target / name)
        page = recipe(self._model, self._encoder, rows=rows, difference=difference, language=language)
        (target / README).write_text(page, "utf-8")
        (target / PROGRAM).write_bytes(program(PROGRAM))


class _UnitsNet(nn.Module):
    def __init__(self, model: Model, views: int) -> None:
        super().__init__()
        self._net, self._views, self._temperature = model.net, views, model.temperature

    def forward(self, *given: Tensor) -> Tensor:
        """ids and lengths of each view, then ids and weights of the n-grams -> (rows, classes)."""
        views = 2 * self._views
        batch = Batch(given[0:views:2], given[1:views:2], *given[views:])
        logits: Tensor = self._net(batch)
        return (logits.float() / self._temperature).softmax(dim=1)
