"""A model as ONNX: the same net for programs without torch, written only when both say the same.

The net is traced by torch's exporter and run by onnxruntime over real comments; a difference in any
probability above `LIMIT` refuses the export.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from senti_studio.arriving import new_folder
from senti_studio.errors import UserError
from senti_studio.learning.batches import by_length, make_batch
from senti_studio.learning.contract import Batch
from senti_studio.learning.model_folder import CARD, FILES, Model, load_model
from senti_studio.learning.onnx_recipe import PROGRAM, program, recipe
from senti_studio.learning.predict import Predictor
from senti_studio.text.encoding import EncodedTexts, TextEncoder

LIMIT = 1e-4
"""Largest accepted difference of a probability."""
OPSET = 17
NET = "model.onnx"
CHECK = "check.json"
EXAMPLES = "examples.json"
README = "README.md"
OUTPUT = "probabilities"

_SIZES = (64, 1, 7, 256)
"""Rows of the batches that are compared, in turn: an axis that the exporter took for a fixed one shows."""
EXAMPLE_TEXTS = (
    "这家店的菜很好吃，下次还来！",
    "等了一个小时，态度还很差……",
    "@客服 房间ＯＫ，早餐一般，见 https://example.com/a?b=1",
    "好好好好好好好！[doge][心]👍👍👍👍",
    "一分钱一分货吧",
)
"""Invented: an export must not carry comments of people along."""
_CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class OnnxReport:
    """``difference``: the largest one of any probability over ``rows`` comments."""

    folder: str
    rows: int
    difference: float
    limit: float


class _Net(nn.Module):
    """The net with plain tensors in and calibrated probabilities out."""

    def __init__(self, model: Model, views: int) -> None:
        super().__init__()
        self._net, self._views, self._temperature = model.net, views, model.temperature

    def forward(self, *given: Tensor) -> Tensor:
        """ids and lengths of each view, then ids and weights of the n-grams -> (rows, classes)."""
        views = 2 * self._views
        batch = Batch(given[0:views:2], given[1:views:2], *given[views:])
        logits: Tensor = self._net(batch)
        return (logits.float() / self._temperature).softmax(dim=1)


def export_onnx(
    model_folder: Path, target: Path, texts: Sequence[str], *, language: str = "en"
) -> OnnxReport:
    """Writes ``target``: the net, its vocabulary, labels, card, a recipe and worked examples.

    ``texts``: comments on which both nets are compared. Raises UserError ``ONNX_MISSING``, ``ONNX_CANNOT``,
    ``ONNX_DISAGREES``, ``ONNX_NO_TEXTS``, ``FOLDER_NOT_EMPTY`` and those of `load_model`; ``target`` is then
    as it was.
    """
    _require_packages()
    with new_folder(target) as making:
        model = load_model(model_folder)
        if not isinstance(model.encoder, TextEncoder):
            raise _cannot(model, "tokens")
        plain = {text: model.encoder.normalise(text) for text in texts}
        checked = [text for text, filled in plain.items() if filled]
        if not checked:
            raise UserError("ONNX_NO_TEXTS")
        encoded = model.encoder.encode([plain[text] for text in checked])
        _write_net(model, encoded, making / NET)
        found = run_onnx(making / NET, encoded, _views(model, encoded))
        native = Predictor(model, _CPU).probabilities(checked)
        difference = float(np.abs(found - native).max())
        if not difference <= LIMIT:
            raise UserError("ONNX_DISAGREES", difference=f"{difference:.2g}", limit=LIMIT, rows=len(checked))
        report = OnnxReport(str(target), len(checked), difference, LIMIT)
        _write_rest(model, model_folder, making, report, language)
    return report


def run_onnx(net: Path, encoded: EncodedTexts, views: Sequence[str]) -> npt.NDArray[np.float32]:
    """(rows, classes) probabilities from onnxruntime on the CPU, in batches of several sizes."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(net, options, providers=["CPUExecutionProvider"])
    (order,) = by_length(encoded.lengths, batch_size=len(encoded))
    parts: list[npt.NDArray[np.float32]] = []
    at = 0
    while at < len(order):
        rows = order[at : at + _SIZES[len(parts) % len(_SIZES)]]
        at += len(rows)
        parts.append(session.run([OUTPUT], inputs_of(encoded, rows, views))[0])
    found = np.concatenate(parts)
    result = np.empty_like(found)
    result[order] = found
    return result


def inputs_of(
    encoded: EncodedTexts, rows: npt.NDArray[np.int64], views: Sequence[str]
) -> dict[str, npt.NDArray[Any]]:
    """The inputs of the exported net by name."""
    return {name: value.numpy() for name, value in _tensors(make_batch(encoded, rows, _CPU), views).items()}


def _tensors(batch: Batch, views: Sequence[str]) -> dict[str, Tensor]:
    found = {}
    for view, ids, lengths in zip(views, batch.units, batch.lengths, strict=True):
        found[f"{view}_ids"], found[f"{view}_lengths"] = ids, lengths
    if batch.ngram_ids is not None and batch.ngram_weights is not None:
        found["ngram_ids"], found["ngram_weights"] = batch.ngram_ids, batch.ngram_weights
    return found


def _views(model: Model, encoded: EncodedTexts) -> tuple[str, ...]:
    named = getattr(model.encoder, "views", ())
    return named if len(named) == len(encoded.views) else tuple(f"view{n}" for n in range(len(encoded.views)))


def _write_net(model: Model, encoded: EncodedTexts, path: Path) -> None:
    """Traces the net on the longest comment and some others, so that nothing of it is left out."""
    order = by_length(encoded.lengths, batch_size=len(encoded))[0]
    views = _views(model, encoded)
    given = _tensors(make_batch(encoded, order[-3:] if len(order) > 2 else order, _CPU), views)
    axes = {
        name: {0: "rows"} if value.dim() == 1 else {0: "rows", 1: name.removesuffix("_ids") + "_length"}
        for name, value in given.items()
    }
    axes |= {name: {0: "rows", 1: "ngram_length"} for name in ("ngram_ids", "ngram_weights") if name in given}
    try:
        with warnings.catch_warnings(), torch.no_grad():
            # The tracer warns of axes that it might take for fixed ones: whether it did is compared below.
            warnings.simplefilter("ignore")
            torch.onnx.export(
                _Net(model, len(views)).eval(),
                tuple(given.values()),
                path,
                input_names=list(given),
                output_names=[OUTPUT],
                dynamic_axes={**axes, OUTPUT: {0: "rows"}},
                opset_version=OPSET,
                dynamo=False,
            )
    except (RuntimeError, TypeError, ValueError, NotImplementedError, ImportError) as error:
        raise _cannot(model, str(error)[:300]) from error


def _cannot(model: Model, reason: str) -> UserError:
    return UserError("ONNX_CANNOT", architecture=model.architecture.key.upper(), reason=reason)


def _write_rest(model: Model, source: Path, target: Path, report: OnnxReport, language: str) -> None:
    for name in (*FILES, *model.architecture.encoder_files, CARD):
        if name != "weights.safetensors" and (source / name).exists():
            shutil.copyfile(source / name, target / name)
    page = recipe(model, rows=report.rows, difference=report.difference, language=language)
    (target / README).write_text(page, "utf-8")
    (target / PROGRAM).write_bytes(program())
    examples = [_example(model, text) for text in EXAMPLE_TEXTS]
    (target / EXAMPLES).write_text(json.dumps(examples, ensure_ascii=False), "utf-8")
    check = {"rows": report.rows, "difference": report.difference, "limit": report.limit}
    (target / CHECK).write_text(json.dumps(check), "utf-8")


def _example(model: Model, text: str) -> dict[str, Any]:
    """A text, the inputs that come of it, and the outcome: for whoever writes the way there anew."""
    plain = model.encoder.normalise(text)
    encoded = model.encoder.encode([plain])
    inputs = inputs_of(encoded, np.arange(1), _views(model, encoded))
    shares = Predictor(model, _CPU).probabilities([text])[0]
    return {
        "text": text,
        "normalised": plain,
        "inputs": {name: value.tolist() for name, value in inputs.items()},
        OUTPUT: shares.tolist(),
    }


def _require_packages() -> None:
    missing = [name for name in ("onnx", "onnxruntime") if importlib.util.find_spec(name) is None]
    if missing:
        raise UserError("ONNX_MISSING", packages=missing)
