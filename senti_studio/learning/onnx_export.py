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

from senti_studio.arriving import new_folder
from senti_studio.errors import UserError
from senti_studio.learning.batches import by_length
from senti_studio.learning.bert.onnx_form import tokens_form
from senti_studio.learning.model_folder import CARD, FILES, Model, load_model
from senti_studio.learning.onnx_form import CPU, EXAMPLE_TEXTS, OUTPUT, Form, UnitsForm
from senti_studio.learning.predict import Predictor
from senti_studio.text.encoding import EncodedTexts, TextEncoder

LIMIT = 1e-4
"""Largest accepted difference of a probability."""
OPSET = 17
NET = "model.onnx"
CHECK = "check.json"
EXAMPLES = "examples.json"


@dataclass(frozen=True, slots=True)
class OnnxReport:
    """``difference``: the largest one of any probability over ``rows`` comments."""

    folder: str
    rows: int
    difference: float
    limit: float


def export_onnx(
    model_folder: Path, target: Path, texts: Sequence[str], *, language: str = "en"
) -> OnnxReport:
    """Writes ``target``: the net, its vocabulary, labels, card, a recipe and worked examples.

    ``texts``: comments on which both nets are compared. Raises UserError ``ONNX_MISSING``, ``ONNX_CANNOT``,
    ``ONNX_FAMILY``, ``ONNX_WINDOWS``, ``ONNX_DISAGREES``, ``ONNX_NO_TEXTS``, ``FOLDER_NOT_EMPTY`` and those
    of `load_model`; ``target`` is then as it was.
    """
    _require_packages()
    with new_folder(target) as making:
        model = load_model(model_folder)
        form = _form(model)
        checked = form.readable(texts)
        if not checked:
            raise UserError("ONNX_NO_TEXTS")
        encoded = form.encode(checked)
        _write_net(model, form, encoded, making / NET)
        found = _asked(model, form, encoded, making / NET)
        native = Predictor(model, CPU).probabilities(checked)
        difference = float(np.abs(found - native).max())
        if not difference <= LIMIT:
            raise UserError("ONNX_DISAGREES", difference=f"{difference:.2g}", limit=LIMIT, rows=len(checked))
        report = OnnxReport(str(target), len(checked), difference, LIMIT)
        _write_rest(model, form, model_folder, making, report, language)
    return report


def run_onnx(net: Path, form: Form, encoded: EncodedTexts) -> npt.NDArray[np.float32]:
    """(rows, classes) probabilities from onnxruntime on the CPU, in batches of several sizes."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what it has to say comes as an exception, too
    session = onnxruntime.InferenceSession(net, options, providers=["CPUExecutionProvider"])
    (order,) = by_length(encoded.lengths, batch_size=len(encoded))
    parts: list[npt.NDArray[np.float32]] = []
    at = 0
    while at < len(order):
        rows = order[at : at + form.sizes[len(parts) % len(form.sizes)]]
        at += len(rows)
        given = {name: value.numpy() for name, value in form.inputs(encoded, rows).items()}
        parts.append(session.run([OUTPUT], given)[0])
    found = np.concatenate(parts)
    result = np.empty_like(found)
    result[order] = found
    return result


def _form(model: Model) -> Form:
    if isinstance(model.encoder, TextEncoder):
        return UnitsForm(model, model.encoder)
    form = tokens_form(model)
    if form is None:
        raise _cannot(model, type(model.encoder).__name__)
    return form


def _write_net(model: Model, form: Form, encoded: EncodedTexts, path: Path) -> None:
    given = form.inputs(encoded, form.traced(encoded))
    try:
        with warnings.catch_warnings(), torch.no_grad():
            # The tracer warns of axes that it might take for fixed ones: whether it did is compared below.
            warnings.simplefilter("ignore")
            torch.onnx.export(
                form.net().eval(),
                tuple(given.values()),
                path,
                input_names=list(given),
                output_names=[OUTPUT],
                dynamic_axes={**form.axes(given), OUTPUT: {0: "rows"}},
                opset_version=OPSET,
                dynamo=False,
                verbose=False,
            )
    except (RuntimeError, TypeError, ValueError, NotImplementedError, ImportError) as error:
        raise _cannot(model, str(error)[:300]) from error


def _asked(model: Model, form: Form, encoded: EncodedTexts, net: Path) -> npt.NDArray[np.float32]:
    try:
        return run_onnx(net, form, encoded)
    except Exception as error:
        # onnxruntime has a dozen exceptions without a base of their own; each says that the net does not run.
        raise _cannot(model, str(error)[:300]) from error


def _cannot(model: Model, reason: str) -> UserError:
    return UserError("ONNX_CANNOT", architecture=model.architecture.key.upper(), reason=reason)


def _write_rest(
    model: Model, form: Form, source: Path, target: Path, report: OnnxReport, language: str
) -> None:
    for name in (*FILES, CARD):
        if name != "weights.safetensors" and (source / name).exists():
            shutil.copyfile(source / name, target / name)
    form.write(source, target, rows=report.rows, difference=report.difference, language=language)
    examples = [_example(model, form, text) for text in EXAMPLE_TEXTS]
    (target / EXAMPLES).write_text(json.dumps(examples, ensure_ascii=False), "utf-8")
    check = {"rows": report.rows, "difference": report.difference, "limit": report.limit}
    (target / CHECK).write_text(json.dumps(check), "utf-8")


def _example(model: Model, form: Form, text: str) -> dict[str, Any]:
    """A text, the inputs that come of it, and the outcome: for whoever writes the way there anew."""
    inputs = form.inputs(form.encode([text]), np.arange(1))
    return {
        "text": text,
        **form.example(text),
        "inputs": {name: value.tolist() for name, value in inputs.items()},
        OUTPUT: Predictor(model, CPU).probabilities([text])[0].tolist(),
    }


def _require_packages() -> None:
    missing = [name for name in ("onnx", "onnxruntime") if importlib.util.find_spec(name) is None]
    if missing:
        raise UserError("ONNX_MISSING", packages=missing)
