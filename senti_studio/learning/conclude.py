"""The end of a training: final figures, predictions of every row, the model folder."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import platform
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

import senti_studio
from senti_studio.domain.specs import TrainingSpec
from senti_studio.jobs.protocol import Event, Preparing
from senti_studio.learning.batches import batch_size_for, steps_per_epoch
from senti_studio.learning.calibration import calibrated, figures_before_and_after, fit_temperature
from senti_studio.learning.checkpoint import TrainingState
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.evaluate import Evaluation, evaluate, write_predictions
from senti_studio.learning.model_folder import NetConfig, save_model
from senti_studio.learning.recurrent import RecurrentClassifier
from senti_studio.text.encoding import TextEncoder
from senti_studio.text.normalise import normalise


@dataclass(frozen=True, slots=True)
class Conclusion:
    """``metrics``: ``best_step``, ``best_epoch``, ``steps``, ``seconds``, ``temperature``, ``valid_*`` and
    ``test_*``; losses are those of the net as it is, without the temperature."""

    metrics: dict[str, Any]
    output: dict[str, Any]


def conclude(
    spec: TrainingSpec,
    data: TrainingData,
    out: Path,
    *,
    net: RecurrentClassifier,
    encoder: TextEncoder,
    device: torch.device,
    state: TrainingState,
) -> Generator[Event, None, Conclusion]:
    """Scores validation and test rows with the best weights, writes ``predictions/`` and ``model/``.

    A training that was stopped before its first evaluation has it here: no model without a figure.
    """
    rows = len(data.train)
    per_epoch = max(1, steps_per_epoch(rows, batch_size_for(spec.options, rows)))
    best = state.best_step if state.best_step > 0 else state.step
    epoch = best / per_epoch
    metrics: dict[str, Any] = {
        "best_step": best,
        "best_epoch": epoch,
        "steps": state.step,
        "seconds": state.elapsed,
        "temperature": 1.0,
    }
    for split, part in (("valid", data.valid), ("test", data.test)):
        if not len(part):
            continue
        found = yield from _scored(part, net=net, encoder=encoder, device=device)
        if split == "valid":
            metrics["temperature"] = fit_temperature(found.probabilities, part.labels)
        metrics |= figures_before_and_after(split, found.probabilities, part.labels, metrics["temperature"])
        said = calibrated(found.probabilities, metrics["temperature"])
        write_predictions(out / "predictions" / f"{split}.jsonl", part.ids, part.labels, said)
        metrics[f"{split}_loss"] = found.loss
        metrics[f"{split}_accuracy"] = found.figures.accuracy
        metrics[f"{split}_macro_f1"] = found.figures.macro_f1
        # The most honest figures there are: of the test part, else of the validation part.
        metrics["accuracy"], metrics["macro_f1"] = found.figures.accuracy, found.figures.macro_f1
        if split == "test" or state.best_step <= 0:
            yield found.event(split, epoch=epoch, step=best, is_best=split == "valid")
    counts = np.bincount(data.train.labels, minlength=len(spec.labels))
    save_model(
        out / "model",
        weights={name: value.detach() for name, value in net.state_dict().items()},
        config=NetConfig.of(spec.architecture, spec.options),
        encoder=encoder,
        labels=spec.labels,
        prior=tuple((counts / counts.sum()).tolist()),
        temperature=metrics["temperature"],
        card=_card(spec, encoder, state, metrics),
    )
    return Conclusion(metrics, {"model": "model", "predictions": "predictions"})


def _scored(
    rows: LabelledTexts, *, net: RecurrentClassifier, encoder: TextEncoder, device: torch.device
) -> Generator[Event, None, Evaluation]:
    yield Preparing(stage="evaluating", total=len(rows))
    texts = encoder.encode([normalise(text) for text in rows.texts])
    for found in evaluate(net, texts, rows.labels, device):
        if isinstance(found, Evaluation):
            return found
        yield found
    raise AssertionError("evaluate() ends with an evaluation")


def versions() -> dict[str, str]:
    """What a run was made with."""
    return {
        "senti_studio": senti_studio.__version__,
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in ("torch", "numpy", "safetensors")},
    }


def _card(
    spec: TrainingSpec, encoder: TextEncoder, state: TrainingState, metrics: dict[str, Any]
) -> dict[str, Any]:
    values = dataclasses.asdict(spec)
    return {
        "name": spec.name,
        "architecture": spec.architecture,
        "labels": values["labels"],
        "metrics": metrics,
        "history": state.history,
        "spec": values,
        "data_sha256": spec.data.sha256,
        "rows": dict(spec.data.rows),
        "segmenter": encoder.segmenter,
        "vocabulary": {
            **{
                view: len(words.units)
                for view, words in zip(encoder.views, encoder.vocabularies, strict=True)
            },
            "ngrams": len(encoder.ngrams) - 1 if encoder.ngrams is not None else 0,
        },
        "versions": versions(),
        "made_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
