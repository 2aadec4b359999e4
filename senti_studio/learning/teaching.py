"""A training that learns from a model: what that says of the training part and of comments without a label.

The teacher lies in ``data/teacher/``, the comments without a label in ``data/candidates.jsonl``. What it says
is written to ``data/`` once and never changed: a run that goes on, or trains again with another seed, learns
from the same numbers.
"""

from __future__ import annotations

import io
import json
import statistics
import time
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from senti_studio.domain.metrics import confusion_matrix, figures
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.teaching import SHARES, TAUGHT
from senti_studio.domain.transfer import CANDIDATES, TEACHER
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Event, Preparing, Warned
from senti_studio.jobs.run_folder import write_atomically
from senti_studio.learning.data import TrainingData, read_part
from senti_studio.learning.devices import choose_device
from senti_studio.learning.model_folder import load_model
from senti_studio.learning.predict import Predictor
from senti_studio.learning.pseudo_labels import near_copies, read_candidates
from senti_studio.learning.soft_targets import SoftTargets, softened
from senti_studio.learning.teacher_opinions import Opinions, Shares

_TIMED = 256
"""Comments on which teacher and pupil are timed."""
_PASSES = 5


def with_teacher(spec: TrainingSpec, data: TrainingData) -> Generator[Event, None, TrainingData]:
    """``data`` with what the teacher says; it is asked when that has not been done yet.

    Raises UserError ``RUN_DAMAGED``, ``TEACHER_OTHER_LABELS``, ``MODEL_…`` of a damaged teacher, and those of
    the device.
    """
    if spec.teaching is None:
        return data
    folder = _folder(spec, data)
    if not (folder / SHARES).exists():
        yield from _ask(spec, data, folder)
    taught = read_part(folder / TAUGHT, len(spec.labels))
    shares = _read_shares(folder / SHARES, (len(data.train) + len(taught), len(spec.labels)))
    params = {"model": spec.teaching.model.name, "labelled": len(data.train), "unlabelled": len(taught)}
    yield Warned(code="TEACHER_ASKED", params=params)
    return replace(data, taught=taught, shares=shares)


def soft_targets(spec: TrainingSpec, data: TrainingData) -> SoftTargets | None:
    """What is learnt from the teacher, for the rows of ``data.learnt``; None without one."""
    if spec.teaching is None or data.shares is None:
        return None
    hard = np.zeros(len(data.shares), dtype=np.float32)
    hard[: len(data.train)] = spec.teaching.hard_share
    return SoftTargets(softened(data.shares, spec.teaching.temperature), hard, spec.teaching.temperature)


def compared_with_teacher(
    spec: TrainingSpec, data: TrainingData, pupil: Predictor
) -> Generator[Event, None, dict[str, Any]]:
    """Figures of the teacher on the rows that are those of the pupil's figures, and how fast both are.

    ``teacher_accuracy``, ``teacher_macro_f1`` (of the test part, else of the validation part),
    ``teacher_rows_per_s`` and ``pupil_rows_per_s`` (from text to probabilities, here).
    """
    if spec.teaching is None:
        return {}
    folder = _folder(spec, data)
    rows = data.test if len(data.test) else data.valid
    teacher = _teacher(folder, pupil.device)
    place = _places(spec, teacher)
    shares = yield from Opinions(folder / TEACHER, len(place)).ask(teacher, rows.texts, place)
    said = shares.argmax(axis=1).tolist()
    table = figures(confusion_matrix(zip(rows.labels, said, strict=True), len(spec.labels)))
    timed = list(dict.fromkeys(rows.texts))[:_TIMED]
    speeds = {}
    for name, model in (("teacher", teacher), ("pupil", pupil)):
        yield Preparing(stage="comparing", total=len(timed))
        speeds[f"{name}_rows_per_s"] = _rows_per_s(model, timed)
    return {"teacher_accuracy": table.accuracy, "teacher_macro_f1": table.macro_f1, **speeds}


def _rows_per_s(model: Predictor, texts: Sequence[str]) -> float:
    """The median of a few passes; of one pass where that takes a second."""
    model.probabilities(texts[:8])
    took: list[float] = []
    while len(took) < _PASSES and sum(took) < 1:
        begun = time.perf_counter()
        model.probabilities(texts)
        took.append(time.perf_counter() - begun)
    return len(texts) / max(statistics.median(took), 1e-6)


def _folder(spec: TrainingSpec, data: TrainingData) -> Path:
    if data.folder is None:
        raise UserError("RUN_DAMAGED", path=spec.run_id, reason=TEACHER)
    return data.folder


def _teacher(folder: Path, device: str) -> Predictor:
    return Predictor(load_model(folder / TEACHER), choose_device(device) or torch.device("cpu"))


def _places(spec: TrainingSpec, teacher: Predictor) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The teacher's column of each class. Raises UserError ``TEACHER_OTHER_LABELS``."""
    theirs, ours = [label.key for label in teacher.labels], [label.key for label in spec.labels]
    if sorted(theirs) != sorted(ours):
        assert spec.teaching is not None
        raise UserError("TEACHER_OTHER_LABELS", model=spec.teaching.model.name, theirs=theirs, ours=ours)
    return np.array([theirs.index(key) for key in ours])


def _ask(spec: TrainingSpec, data: TrainingData, folder: Path) -> Generator[Event, None, None]:
    teacher = _teacher(folder, spec.device)
    place = _places(spec, teacher)
    opinions = Opinions(folder / TEACHER, len(place))
    ids, texts = read_candidates(folder / CANDIDATES)
    yield Preparing(stage="asking", total=len(data.train) + len(texts))
    copies = near_copies(texts, (*data.valid.texts, *data.test.texts))
    kept = [number for number, is_copy in enumerate(copies) if not is_copy]
    asked = [*data.train.texts, *(texts[number] for number in kept)]
    shares: Shares = yield from opinions.ask(teacher, asked, place)
    likeliest = shares[len(data.train) :].argmax(axis=1).tolist()
    lines = [
        json.dumps({"id": ids[number], "text": texts[number], "label": label}, ensure_ascii=False) + "\n"
        for number, label in zip(kept, likeliest, strict=True)
    ]
    write_atomically(folder / TAUGHT, "".join(lines).encode("utf-8", "replace"))
    content = io.BytesIO()
    np.save(content, shares, allow_pickle=False)
    write_atomically(folder / SHARES, content.getvalue())


def _read_shares(path: Path, shape: tuple[int, int]) -> Shares:
    try:
        found = np.load(path, allow_pickle=False)
        if found.shape != shape or found.dtype != np.float32 or not np.isfinite(found).all():
            raise ValueError(f"{found.shape} {found.dtype}")
    except (OSError, ValueError, EOFError) as error:
        raise UserError("RUN_DAMAGED", path=str(path), reason=str(error)) from error
    return np.asarray(found)
