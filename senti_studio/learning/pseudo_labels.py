"""Pseudo-labels: comments without a label join the training where an earlier model is sure of them.

The comments that may join lie in ``data/candidates.jsonl``, the model in ``data/teacher/``. What joins is
written to ``data/pseudo.jsonl`` once and never changed: a run that goes on, or trains again with another
seed, learns from the same rows.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.transfer import CANDIDATES, PSEUDO, TEACHER, PseudoLabels
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Event, Preparing, Warned
from senti_studio.jobs.run_folder import write_atomically
from senti_studio.learning.data import LabelledTexts, TrainingData, read_part
from senti_studio.learning.predict import Predictor
from senti_studio.text.near_duplicates import NearDuplicates

REPORT = "pseudo.json"
"""In ``data/``: how many there were and joined, how often the teacher was right where it can be seen."""

ROWS_A_PIECE = 1024
"""Between two pieces a command is heard."""

_SPARE = 2
"""So many times ``most`` of each class are looked at for near-copies of what is held out."""


def with_pseudo_labels(spec: TrainingSpec, data: TrainingData) -> Generator[Event, None, TrainingData]:
    """``data`` with the rows that join; they are chosen when nobody has done so yet.

    Raises UserError ``RUN_DAMAGED``, ``MODEL_…`` of a damaged teacher, and those of the device.
    """
    if spec.pseudo is None:
        return data
    if data.folder is None:
        raise UserError("RUN_DAMAGED", path=spec.run_id, reason=CANDIDATES)
    if not (data.folder / PSEUDO).exists():
        yield from _choose(spec, spec.pseudo, data, data.folder)
    rows = read_part(data.folder / PSEUDO, len(spec.labels))
    yield _told(spec, report_of(data.folder))
    return replace(data, pseudo=rows)


def row_weights(spec: TrainingSpec, data: TrainingData) -> np.ndarray[Any, np.dtype[np.float32]] | None:
    """What each row that is learnt from counts for, with a mean of 1: the learning rate fits as before."""
    if spec.pseudo is None or spec.pseudo.weight == 1 or not len(data.pseudo):
        return None
    weights = np.ones(len(data.learnt), dtype=np.float32)
    weights[len(data.train) :] = spec.pseudo.weight
    return np.asarray(weights / weights.mean(), dtype=np.float32)


def report_of(folder: Path) -> dict[str, Any]:
    """What came of the choice: ``candidates`` (comments asked about), ``near_copies`` (left out), ``sure``
    and ``joined`` (label key -> rows), ``teacher`` (``sure`` rows of the validation part, ``right`` ones).

    Raises UserError ``RUN_DAMAGED``.
    """
    try:
        values = json.loads((folder / REPORT).read_bytes())
        return {name: values[name] for name in ("candidates", "near_copies", "sure", "joined", "teacher")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError("RUN_DAMAGED", path=str(folder / REPORT), reason=str(error)) from error


def _told(spec: TrainingSpec, report: dict[str, Any]) -> Warned:
    wanted = spec.pseudo
    assert wanted is not None
    joined, sure = report["joined"], report["sure"]
    params = {"model": wanted.model.name, "threshold": wanted.threshold, "candidates": report["candidates"]}
    if not any(joined.values()):
        return Warned(code="PSEUDO_NONE", params=params)
    each = [f"{label.name} {joined.get(label.key, 0)}" for label in spec.labels]
    over = sum(sure.values()) - sum(joined.values()) - report["near_copies"]
    return Warned(
        code="PSEUDO_JOINED",
        params={**params, "count": sum(joined.values()), "labels": each, "over": over, "most": wanted.most},
    )


def _choose(
    spec: TrainingSpec, wanted: PseudoLabels, data: TrainingData, folder: Path
) -> Generator[Event, None, None]:
    """Asks the teacher, and writes what joins."""
    teacher = Predictor.load(folder / TEACHER, spec.device)
    theirs = [label.key for label in teacher.labels]
    ours = [label.key for label in spec.labels]
    place = np.array([ours.index(key) if key in ours else -1 for key in theirs])
    ids, texts = read_candidates(folder / CANDIDATES)
    labels, shares = yield from _asked(teacher, texts, place)
    sure = np.flatnonzero((labels >= 0) & (shares >= wanted.threshold))
    found = Counter(ours[label] for label in labels[sure].tolist())
    first: list[int] = []
    for label in range(len(ours)):
        of_label = sure[labels[sure] == label]
        best = of_label[np.lexsort((of_label, -shares[of_label]))]
        first.extend(best[: _SPARE * wanted.most].tolist())
    copies = near_copies([texts[row] for row in first], (*data.valid.texts, *data.test.texts))
    taken: dict[int, list[int]] = {}
    for row, is_copy in zip(first, copies, strict=True):
        of_class = taken.setdefault(int(labels[row]), [])
        if not is_copy and len(of_class) < wanted.most:
            of_class.append(row)
    if wanted.balanced:
        taken = in_shares(taken, Counter(data.train.labels))
    rows = sorted(row for of_class in taken.values() for row in of_class)
    report = {
        "candidates": len(ids),
        "near_copies": sum(copies),
        "sure": dict(found),
        "joined": dict(Counter(ours[int(labels[row])] for row in rows)),
        "teacher": (yield from _judged(teacher, data.valid, place, wanted.threshold)),
    }
    write_atomically(folder / REPORT, json.dumps(report, ensure_ascii=False).encode())
    lines = [
        {"id": ids[row], "text": texts[row], "label": int(labels[row]), "p": round(float(shares[row]), 4)}
        for row in rows
    ]
    content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    write_atomically(folder / PSEUDO, content.encode("utf-8", "replace"))


def in_shares(taken: Mapping[int, list[int]], counts: Mapping[int, int]) -> dict[int, list[int]]:
    """The first rows of each class, as many as keep the shares of ``counts``; a class that nothing joins
    keeps all others out."""
    times = min((len(taken.get(label, ())) / count for label, count in counts.items()), default=0.0)
    return {label: rows[: round(times * counts.get(label, 0))] for label, rows in taken.items()}


def _asked(
    teacher: Predictor, texts: Sequence[str], place: np.ndarray[Any, Any]
) -> Generator[Event, None, tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]:
    """The likeliest class of each text (-1: one that is no class any more) and its probability."""
    labels, shares = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.float32)]
    for start in range(0, len(texts), ROWS_A_PIECE):
        yield Preparing(stage="asking", done=start, total=len(texts))
        found = teacher.probabilities(texts[start : start + ROWS_A_PIECE])
        labels.append(place[found.argmax(axis=1)])
        shares.append(found.max(axis=1))
    return np.concatenate(labels), np.concatenate(shares)


def _judged(
    teacher: Predictor, valid: LabelledTexts, place: np.ndarray[Any, Any], threshold: float
) -> Generator[Event, None, dict[str, int]]:
    """How often the teacher is as sure of comments whose label is known, and right."""
    labels, shares = yield from _asked(teacher, valid.texts, place)
    is_sure = shares >= threshold
    right = (labels == np.array(valid.labels, dtype=np.int64)) & is_sure
    return {"sure": int(is_sure.sum()), "right": int(right.sum())}


def near_copies(texts: Sequence[str], held_out: Sequence[str]) -> list[bool]:
    """Whether each text is the same as, or nearly the same as, one that is held out."""
    if not texts or not held_out:
        return [False] * len(texts)
    with tempfile.TemporaryDirectory(prefix="senti-near-") as folder, NearDuplicates(Path(folder)) as found:
        found.add([*held_out, *texts])
        groups = found.groups()
    assert groups is not None
    held = set(groups[: len(held_out)].tolist())
    known = set(held_out)
    return [
        group in held or text in known
        for group, text in zip(groups[len(held_out) :].tolist(), texts, strict=True)
    ]


def read_candidates(path: Path) -> tuple[list[int], list[str]]:
    """Ids and texts of the comments that a model is asked about. Raises UserError ``RUN_DAMAGED``."""
    ids, texts = [], []
    try:
        for row in _lines(path):
            ids.append(int(row["id"]))
            texts.append(str(row["text"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError("RUN_DAMAGED", path=str(path), reason=str(error)) from error
    return ids, texts


def _lines(path: Path) -> Iterator[Any]:
    with path.open("rb") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)
