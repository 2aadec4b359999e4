"""The frozen data of a run, and what can be wrong with it."""

from __future__ import annotations

import collections
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.transfer import START, start_remarks, teacher_remarks
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Warned
from senti_studio.learning.kept_readings import FOLDER

FEW = 5
"""Fewer training comments of a class than this bring a warning."""
FEWEST = 8
"""Fewer training comments than this in all are refused."""


@dataclass(frozen=True, slots=True)
class LabelledTexts:
    """Rows of one part: comment ids, texts, class indices of the spec."""

    ids: tuple[int, ...] = ()
    texts: tuple[str, ...] = ()
    labels: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class TrainingData:
    """The three parts of a run; ``test`` may be empty. ``unlabelled``: texts of comments that are in none,
    for word vectors. ``start``: the folder of the model that the training begins with; ``pseudo``: rows that
    nobody has labelled and that are learnt from all the same (`learning.pseudo_labels`); ``taught``: rows of
    which only a teacher's opinion counts, ``shares``: what it says of those of the training part and of these
    (`learning.teaching`); ``folder``: where all this was read; ``cache``: where what can be made again may
    lie."""

    train: LabelledTexts
    valid: LabelledTexts
    test: LabelledTexts = LabelledTexts()
    unlabelled: tuple[str, ...] = ()
    start: Path | None = None
    pseudo: LabelledTexts = LabelledTexts()
    taught: LabelledTexts = LabelledTexts()
    shares: npt.NDArray[np.float32] | None = None
    folder: Path | None = None
    cache: Path | None = None

    @property
    def learnt(self) -> LabelledTexts:
        """All rows that are learnt from: those of the training part first."""
        more = self.pseudo if len(self.pseudo) else self.taught
        return joined(self.train, more) if len(more) else self.train

    @classmethod
    def read(cls, folder: Path, *, classes: int) -> TrainingData:
        """Reads ``data/{train,valid,test,unlabelled}.jsonl``. Raises UserError ``RUN_DAMAGED``."""
        train, valid, test = (
            read_part(folder / f"{part}.jsonl", classes) for part in ("train", "valid", "test")
        )
        start = folder / START
        return cls(
            train,
            valid,
            test,
            _read_texts(folder / "unlabelled.jsonl"),
            start if start.is_dir() else None,
            folder=folder,
            cache=_cache_of(folder),
        )


def _cache_of(folder: Path) -> Path | None:
    """That of the project to which the run of this ``data`` belongs; None for a run without one."""
    # A worker works from within its run: seen from there a project that is moved meanwhile is still it.
    project = folder.parent.parent.parent if folder.is_absolute() else folder / ".." / ".." / ".."
    return project / "cache" / FOLDER if (project / "project.db").is_file() else None


def joined(one: LabelledTexts, other: LabelledTexts) -> LabelledTexts:
    """The rows of both, in this order."""
    return LabelledTexts(one.ids + other.ids, one.texts + other.texts, one.labels + other.labels)


def read_part(path: Path, classes: int) -> LabelledTexts:
    """The rows of one file, none where there is no file. Raises UserError ``RUN_DAMAGED``."""
    if not path.exists():
        return LabelledTexts()
    ids, texts, labels = [], [], []
    try:
        with path.open("rb") as file:
            for line in file:
                if not line.strip():
                    continue
                row = json.loads(line)
                ids.append(int(row["id"]))
                texts.append(str(row["text"]))
                labels.append(int(row["label"]))
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise UserError("RUN_DAMAGED", path=str(path), reason=str(error)) from error
    if labels and not 0 <= min(labels) <= max(labels) < classes:
        raise UserError("RUN_DAMAGED", path=str(path), reason="label")
    return LabelledTexts(tuple(ids), tuple(texts), tuple(labels))


def _read_texts(path: Path) -> tuple[str, ...]:
    if not path.exists():
        return ()
    try:
        with path.open("rb") as file:
            return tuple(str(json.loads(line)["text"]) for line in file if line.strip())
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise UserError("RUN_DAMAGED", path=str(path), reason=str(error)) from error


def check(spec: TrainingSpec, data: TrainingData) -> Iterator[Warned]:
    """Warnings about the data.

    Raises UserError ``TOO_FEW_TO_TRAIN``, ``ONE_LABEL_ONLY`` or ``NO_VALID_ROWS``.
    """
    if len(data.train) < FEWEST:
        raise UserError("TOO_FEW_TO_TRAIN", count=len(data.train), least=FEWEST)
    counts = collections.Counter(data.train.labels)
    if len(counts) < 2:
        raise UserError("ONE_LABEL_ONLY", label=spec.labels[next(iter(counts))].name)
    if not len(data.valid):
        raise UserError("NO_VALID_ROWS")
    for number, label in enumerate(spec.labels):
        if counts[number] < FEW:
            yield Warned(
                code="TOO_FEW_COMMENTS", params={"label": label.name, "count": counts[number], "least": FEW}
            )
    if spec.start is not None:
        for code, params in start_remarks(spec.start):
            yield Warned(code=code, params=params)
    for asked in (spec.pseudo, spec.teaching):
        for code, params in teacher_remarks(asked.model) if asked is not None else ():
            yield Warned(code=code, params=params)
