"""The end of a training: final figures, predictions of every row, the model folder."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import platform
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

import senti_studio
from senti_studio.domain.model_card import file_name
from senti_studio.domain.specs import TrainingSpec
from senti_studio.jobs.protocol import Event
from senti_studio.learning.architectures import architecture, plan_of
from senti_studio.learning.calibration import calibrated, figures_before_and_after, fit_temperature
from senti_studio.learning.checkpoint import TrainingState
from senti_studio.learning.comparison import compared
from senti_studio.learning.contract import Classifier, Encoder
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.evaluate import Evaluation, evaluate, write_predictions
from senti_studio.learning.model_folder import Model, save_model
from senti_studio.learning.predict import Predictor
from senti_studio.learning.pseudo_labels import report_of
from senti_studio.learning.reading import encoded
from senti_studio.learning.teaching import compared_with_teacher
from senti_studio.text.encoding import EncodedTexts


@dataclass(frozen=True, slots=True)
class Conclusion:
    """``metrics``: ``best_step``, ``best_epoch``, ``steps``, ``step_rows``, ``seconds``,
    ``temperature``, ``valid_*`` and ``test_*``, and what `comparison.compared` says; losses are those of the
    net as it is, without the temperature."""

    metrics: dict[str, Any]
    output: dict[str, Any]


def conclude(
    spec: TrainingSpec,
    data: TrainingData,
    out: Path,
    *,
    net: Classifier,
    encoder: Encoder,
    device: torch.device,
    state: TrainingState,
    valid: EncodedTexts | None = None,
) -> Generator[Event, None, Conclusion]:
    """Scores validation and test rows with the best weights, writes ``predictions/`` and ``model/``.

    ``valid``: the validation rows as ``encoder`` gives them, where they are at hand. A training that was
    stopped before its first evaluation has it here: no model without a figure.
    """
    kind = architecture(spec.architecture)
    judge = _Judge(net, encoder, device)
    best = state.best_step if state.best_step > 0 else state.step
    plan = plan_of(spec, len(data.learnt))
    metrics: dict[str, Any] = {
        "best_step": best,
        "best_epoch": plan.epoch(best),
        "steps": state.step,
        "step_rows": plan.batch_size,
        "most_epochs": plan.epochs,
        "seconds": state.elapsed,
        "temperature": 1.0,
        **_reading_figures(state.reading),
    }
    confusion = yield from _measured(data, out, judge, valid, metrics, is_judged=state.best_step > 0)
    if len(data.pseudo):
        found = yield from judge.scores(data.pseudo)
        metrics |= {"pseudo_rows": len(data.pseudo), "pseudo_agreement": found.figures.accuracy}
    metrics |= yield from compared(data, len(spec.labels))
    counts = np.bincount(data.train.labels, minlength=len(spec.labels))
    prior = tuple((counts / counts.sum()).tolist())
    if spec.teaching is not None:
        metrics["taught_rows"] = len(data.taught)
        pupil = Model(kind, net, encoder, spec.labels, prior, {}, metrics["temperature"])
        metrics |= yield from compared_with_teacher(spec, data, Predictor(pupil, device))
    save_model(
        out / "model",
        architecture=kind,
        net=net,
        options=spec.options,
        encoder=encoder,
        labels=spec.labels,
        prior=prior,
        temperature=metrics["temperature"],
        card={
            **_card(spec, encoder, state, metrics),
            "confusion": confusion,
            "training_rows": {
                label.key: int(count) for label, count in zip(spec.labels, counts, strict=True)
            },
            **({"pseudo": report_of(data.folder)} if spec.pseudo is not None and data.folder else {}),
        },
    )
    return Conclusion(metrics, {"model": "model", "predictions": "predictions"})


def _reading_figures(facts: Mapping[str, Any]) -> dict[str, float]:
    """``cut_share``; ``vectors_running`` and ``vectors_types``: what vectors cover, in the view of which they
    cover least."""
    views = facts.get("vectors", {}).get("views", {}).values()
    covered = {f"vectors_{name}": min(view[name] for view in views) for name in ("running", "types") if views}
    return {**({"cut_share": facts["cut_share"]} if "cut_share" in facts else {}), **covered}


@dataclass(frozen=True, slots=True)
class _Judge:
    """A net that has its last weights, and what it needs to say something."""

    net: Classifier
    encoder: Encoder
    device: torch.device

    def scores(
        self, rows: LabelledTexts, texts: EncodedTexts | None = None, cache: Path | None = None
    ) -> Generator[Event, None, Evaluation]:
        """``texts``: the rows as the encoder gives them, where they are at hand; ``cache``: where else they
        may lie."""
        if texts is None:
            normal = list(map(self.encoder.normalise, rows.texts))
            texts = yield from encoded(self.encoder, normal, ["evaluating"], cache=cache)
        for found in evaluate(self.net, texts, rows.labels, self.device):
            if isinstance(found, Evaluation):
                return found
            yield found
        raise AssertionError("evaluate() ends with an evaluation")


def _measured(
    data: TrainingData,
    out: Path,
    judge: _Judge,
    valid: EncodedTexts | None,
    metrics: dict[str, Any],
    *,
    is_judged: bool,
) -> Generator[Event, None, dict[str, tuple[tuple[int, ...], ...]]]:
    """Writes the predictions of validation and test part, adds their figures to ``metrics``; the confusion of
    each part. ``is_judged``: the figures of the validation part have been told of before."""
    confusion = {}
    for split, part in (("valid", data.valid), ("test", data.test)):
        if not len(part):
            continue
        found = yield from judge.scores(part, valid if split == "valid" else None, data.cache)
        if split == "valid":
            metrics["temperature"] = fit_temperature(found.probabilities, part.labels)
        metrics |= figures_before_and_after(split, found.probabilities, part.labels, metrics["temperature"])
        said = calibrated(found.probabilities, metrics["temperature"])
        write_predictions(out / "predictions" / f"{split}.jsonl", part.ids, part.labels, said)
        confusion[split] = found.figures.confusion
        metrics[f"{split}_loss"] = found.loss
        metrics[f"{split}_accuracy"] = found.figures.accuracy
        metrics[f"{split}_macro_f1"] = found.figures.macro_f1
        # The most honest figures there are: of the test part, else of the validation part.
        metrics["accuracy"], metrics["macro_f1"] = found.figures.accuracy, found.figures.macro_f1
        if split == "test" or not is_judged:
            best, epoch = metrics["best_step"], metrics["best_epoch"]
            yield found.event(split, epoch=epoch, step=best, is_best=split == "valid")
    return confusion


def versions() -> dict[str, str]:
    """What a run was made with."""
    return {
        "senti_studio": senti_studio.__version__,
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in ("torch", "numpy", "safetensors")},
    }


def _card(
    spec: TrainingSpec, encoder: Encoder, state: TrainingState, metrics: dict[str, Any]
) -> dict[str, Any]:
    values = dataclasses.asdict(spec)
    # A model is passed on: how folders are named here is nobody's business.
    values["options"]["vectors_file"] = file_name(spec.options.vectors_file)
    values["options"]["encoder"] = file_name(spec.options.encoder)
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
        "vocabulary": dict(encoder.sizes),
        "reading": state.reading,
        "versions": versions(),
        "made_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
