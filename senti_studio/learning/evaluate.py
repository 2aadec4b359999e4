"""Scoring of labelled texts with a net."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from senti_studio.domain.metrics import Figures, confusion_matrix, figures
from senti_studio.jobs.protocol import Evaluated, Preparing
from senti_studio.jobs.run_folder import write_atomically
from senti_studio.learning.batches import by_length, make_batch
from senti_studio.learning.contract import Classifier
from senti_studio.learning.memory import give_back, is_shortage
from senti_studio.learning.side_by_side import each, parts_of
from senti_studio.text.encoding import EncodedTexts

EVENT_INTERVAL_S = 0.1
"""No more than ten events a second."""

BATCH_SIZE = 256


Gain = tuple[float, float, float]
"""Macro F1, accuracy and loss: what states of a training are compared by."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """``probabilities``: (rows, classes) float32 in the order of the rows; ``loss``: mean cross-entropy."""

    loss: float
    figures: Figures
    probabilities: npt.NDArray[np.float32]

    @property
    def gain(self) -> Gain:
        return self.figures.macro_f1, self.figures.accuracy, self.loss

    def event(
        self, split: str, *, epoch: float, step: int, is_best: bool = False, patience_left: int = -1
    ) -> Evaluated:
        return Evaluated(
            epoch=epoch,
            step=step,
            split=split,
            loss=self.loss,
            accuracy=self.figures.accuracy,
            macro_f1=self.figures.macro_f1,
            per_label=tuple(
                {"precision": one.precision, "recall": one.recall, "f1": one.f1, "support": one.support}
                for one in self.figures.per_label
            ),
            confusion=self.figures.confusion,
            is_best=is_best,
            patience_left=patience_left,
        )


def probabilities(
    net: Classifier,
    texts: EncodedTexts,
    device: torch.device,
    *,
    batch_size: int = BATCH_SIZE,
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]]:
    """Batch by batch, shortest rows first: row numbers and their (rows, classes) probabilities."""
    units = net.units_of_pass if device.type == "cpu" else 0
    for rows in by_length(texts.lengths, batch_size=batch_size, units=units):
        net.eval()
        parts = parts_of(rows, device, net.rows_of_part) if net.divisible else [rows]
        said = each(functools.partial(_said, net, texts, device), parts)
        yield np.concatenate(parts), np.concatenate(said)


def _said(
    net: Classifier, texts: EncodedTexts, device: torch.device, rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Probabilities of some rows, in halves where the memory does not bear all of them."""
    try:
        with torch.inference_mode():
            found = net(make_batch(texts, rows, device)).float().softmax(dim=1).cpu().numpy()
        return np.asarray(found, dtype=np.float32)
    except (RuntimeError, MemoryError) as error:
        half = len(rows) // 2
        if not half or not is_shortage(error):
            raise
    give_back(device)
    return np.concatenate([_said(net, texts, device, part) for part in (rows[:half], rows[half:])])


def evaluate(
    net: Classifier, texts: EncodedTexts, labels: Sequence[int], device: torch.device
) -> Iterator[Preparing | Evaluation]:
    """Yields progress at most ten times a second, and the evaluation as the last item."""
    found = np.zeros((len(texts), net.classes), dtype=np.float32)
    done, reported = 0, time.monotonic()
    for rows, part in probabilities(net, texts, device, batch_size=BATCH_SIZE):
        found[rows] = part
        done += len(rows)
        if time.monotonic() - reported >= EVENT_INTERVAL_S:
            reported = time.monotonic()
            yield Preparing(stage="evaluating", done=done, total=len(texts))
    yield evaluation(found, labels)


def evaluation(found: npt.NDArray[np.float32], labels: Sequence[int]) -> Evaluation:
    """What (rows, classes) probabilities are worth."""
    truth = torch.tensor(labels, dtype=torch.int64)
    loss = float(functional.nll_loss(torch.from_numpy(found).clamp_min(1e-12).log(), truth))
    guesses = found.argmax(axis=1).tolist()
    return Evaluation(
        loss, figures(confusion_matrix(zip(labels, guesses, strict=True), found.shape[1])), found
    )


def write_predictions(
    path: Path, ids: Sequence[int], labels: Sequence[int], found: npt.NDArray[np.float32]
) -> None:
    """``predictions/<part>.jsonl``: one line a row, in the order of the data."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        json.dumps({"id": id_, "label": label, "predicted": guess, "p": [round(p, 6) for p in row]})
        for id_, label, guess, row in zip(
            ids, labels, found.argmax(axis=1).tolist(), found.tolist(), strict=True
        )
    ]
    write_atomically(path, "".join(line + "\n" for line in lines).encode())
