"""Models of a project: what finished runs left behind and what was kept; how good they are."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from senti_studio.domain.metrics import Figures, confusion_matrix, figures
from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import LabelName, TrainingSpec
from senti_studio.errors import UserError
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.operations.run_list import folder_of, list_runs
from senti_studio.operations.yardsticks import Yardsticks, yardsticks
from senti_studio.storage.errors import disk_error
from senti_studio.storage.project import Project

_NEEDED = ("weights.safetensors", "config.json", "labels.json")
_LARGEST_LABELS = 2**20


FOLDS = "folds"
"""The part that a k-fold training leaves beside ``test`` and ``valid``."""


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """One model. ``id`` is that of its run, or of the kept model; ``folder`` holds its files; figures are
    None where they are not known."""

    id: str
    name: str
    number: int
    folder: Path
    created_at: datetime
    architecture: str = ""
    run_id: str = ""
    labels: tuple[LabelName, ...] = ()
    is_kept: bool = False
    macro_f1: float | None = None
    accuracy: float | None = None
    test_macro_f1: float | None = None
    test_accuracy: float | None = None
    has_folds: bool = False


@dataclass(frozen=True, slots=True)
class EvaluatedRow:
    """One predicted comment: class indices of the evaluation's ``labels``; ``probabilities`` in their order.

    ``text`` is the present one; ``is_there``: the comment is still in the project; ``current_label``: key
    of the label that it has now, None when it has none (any more).
    """

    comment_id: int
    text: str
    label: int
    predicted: int
    probabilities: tuple[float, ...]
    is_there: bool = True
    current_label: str | None = None

    @property
    def confidence(self) -> float:
        return self.probabilities[self.predicted]


@dataclass(frozen=True, slots=True)
class LabelsSince:
    """What people did to the labels after the run began. ``relabelled``: rows with another label now,
    ``unlabelled``: without any (taken back, or their label was removed), ``gone``: comments that have left
    the project; ``renamed``: (name then, name now), ``removed``: classes that are no label any more (removed,
    or merged into another)."""

    relabelled: int = 0
    unlabelled: int = 0
    gone: int = 0
    renamed: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def is_anything(self) -> bool:
        return bool(self.relabelled or self.unlabelled or self.gone or self.renamed or self.removed)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A model on one part (``valid`` | ``test``) of the data of its run. ``relabelled`` rows have another
    label now than in the frozen data; ``figures`` are those of the frozen labels; ``since``: all that has
    changed in the project; ``yardsticks``: what the figures are held against; ``outside``: rows that are not
    in the project's test set, which was drawn anew after the run began."""

    run_id: str
    split: str
    labels: tuple[LabelName, ...]
    rows: tuple[EvaluatedRow, ...]
    figures: Figures
    relabelled: int = 0
    since: LabelsSince = LabelsSince()
    yardsticks: Yardsticks | None = None
    outside: int = 0


def list_models(project: Project) -> list[ModelSummary]:
    """Models of finished and stopped runs and kept models, newest first."""
    found = [
        ModelSummary(
            run.id,
            run.name,
            run.number,
            RunFolder(project.runs_folder / run.id).model,
            run.created_at,
            run.architecture,
            run.id,
            _labels_of(RunFolder(project.runs_folder / run.id).model),
            False,
            run.best_macro_f1,
            run.best_accuracy,
            run.test_macro_f1,
            run.test_accuracy,
            run.repetition == FOLDS,
        )
        for run in list_runs(project)
        if run.has_model and _is_model(RunFolder(project.runs_folder / run.id).model)
    ]
    found += [
        ModelSummary(
            record.id,
            record.name,
            record.number,
            project.models_folder / record.folder,
            record.created_at,
            labels=_labels_of(project.models_folder / record.folder),
            is_kept=True,
            **{name: value for name, value in record.details.items() if name in _KEPT_FIGURES},
        )
        for record in project.models.list()
        if _is_model(project.models_folder / record.folder)
    ]
    return sorted(found, key=lambda model: model.created_at, reverse=True)


_KEPT_FIGURES = ("architecture", "run_id", "macro_f1", "accuracy", "test_macro_f1", "test_accuracy")


def find_model(project: Project, wanted: str | Path) -> ModelSummary:
    """A model by id, name, number of its run, ``last``, or the path of a model (or run) folder.

    Raises UserError ``MODEL_NOT_FOUND``, ``NO_MODEL_YET``, ``MODEL_UNFINISHED``, ``MODEL_FILES_MISSING``.
    """
    known = list_models(project)
    text = str(wanted)
    if text == "last" and known:
        return known[0]
    for model in known:
        if text in (model.id, model.name) or (not model.is_kept and text == str(model.number)):
            return model
    _refuse_incomplete(project, text)
    _refuse_unfinished(project, text)
    if text == "last":
        raise UserError("NO_MODEL_YET")
    folder = Path(wanted)
    for place in (folder, folder / "model"):
        if _is_model(place):
            stamp = datetime.fromtimestamp(place.stat().st_mtime).astimezone()
            name = place.parent.name if place.name == "model" else place.name
            return ModelSummary(
                str(place.absolute()), name, 0, place.absolute(), stamp, labels=_labels_of(place)
            )
    if folder.is_dir():
        raise _files_missing(folder)
    raise UserError("MODEL_NOT_FOUND", name=text)


def _refuse_incomplete(project: Project, wanted: str) -> None:
    """A training that left a model whose files have gone since is told as such, not as if it never was."""
    for run in list_runs(project):
        folder = RunFolder(project.runs_folder / run.id).model
        is_meant = wanted in ("last", run.id, run.name, str(run.number))
        if is_meant and run.has_model and not _is_model(folder):
            raise _files_missing(folder)


def _refuse_unfinished(project: Project, wanted: str) -> None:
    """A training that is not over yet, or was cut off, has no model: that is told, and how to go on."""
    for run in list_runs(project):
        if wanted not in ("last", run.id, run.name, str(run.number)) or not run.kind.leaves_model:
            continue
        if run.state in (RunState.INTERRUPTED, RunState.PAUSED):
            raise UserError("MODEL_UNFINISHED", run=run.name, number=run.number)
        if run.state.is_active:
            raise UserError("MODEL_IN_TRAINING", run=run.name, number=run.number)


def _files_missing(folder: Path) -> UserError:
    missing = [name for name in _NEEDED if not (folder / name).is_file()]
    return UserError("MODEL_FILES_MISSING", path=str(folder), files=missing)


def keep_model(project: Project, wanted: str | Path, *, name: str = "") -> ModelSummary:
    """Copies a model into the project's ``models/``, so that it stays when its run is thrown away."""
    model = find_model(project, wanted)
    number = project.models.reserve_number()
    model_id = f"model-{number:03d}-{secrets.token_hex(2)}"
    making = project.models_folder / f".{model_id}.new"
    try:
        shutil.copytree(model.folder, making)
        making.rename(project.models_folder / model_id)
    except OSError as error:
        raise disk_error(error, making) from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
    details = {key: getattr(model, key) for key in _KEPT_FIGURES}
    project.models.add(
        model_id,
        number=number,
        kind="kept",
        name=name.strip() or model.name,
        folder=model_id,
        details=details,
    )
    return find_model(project, model_id)


def evaluation(project: Project, run_id: str, split: str = "test") -> Evaluation:
    """How the model of a run did on ``split`` (``valid`` | ``test`` | ``folds``), row by row; ``folds``:
    every comment of training and validation part, as the model says that it was held out of.

    Raises UserError ``RECORD_NOT_FOUND``, ``NO_PREDICTIONS`` (not evaluated yet, or an empty part),
    ``RUN_DAMAGED``.
    """
    folder = folder_of(project, run_id)
    spec = folder.spec()
    if not isinstance(spec, TrainingSpec):
        raise UserError("NO_PREDICTIONS", run=run_id)
    path = folder.path / "predictions" / f"{split}.jsonl"
    try:
        lines = [
            _prediction(line, len(spec.labels)) for line in path.read_bytes().splitlines() if line.strip()
        ]
    except FileNotFoundError as error:
        raise UserError("NO_PREDICTIONS", run=spec.name) from error
    except (OSError, ValueError, TypeError, LookupError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise UserError("RUN_DAMAGED", path=str(path), reason=reason) from error
    ids = [int(line["id"]) for line in lines]
    texts = dict(project.comments.texts(ids))
    missing = {comment_id for comment_id in ids if comment_id not in texts}
    frozen = _frozen_texts(folder, split, missing)
    now = _current_labels(project, ids)
    rows = tuple(_row(line, texts, frozen, now) for line in lines)
    since = _since(project, spec.labels, rows)
    confusion = confusion_matrix(((row.label, row.predicted) for row in rows), len(spec.labels))
    return Evaluation(
        run_id,
        split,
        spec.labels,
        rows,
        figures(confusion),
        since.relabelled,
        since,
        yardsticks(folder.model, spec.labels, split),
        _outside(project, run_id, rows) if split == "test" else 0,
    )


def _outside(project: Project, run_id: str, rows: Sequence[EvaluatedRow]) -> int:
    drawn_at = project.test_sets.drawn_at()
    if drawn_at is None or drawn_at <= project.runs.get(run_id).created_at:
        return 0
    now = project.test_sets.visible()
    return sum(row.is_there and row.comment_id not in now for row in rows)


def _since(project: Project, classes: Sequence[LabelName], rows: Sequence[EvaluatedRow]) -> LabelsSince:
    now = {label.key: label.name for label in project.labels.list()}
    keys = [label.key for label in classes]
    there = [row for row in rows if row.is_there]
    return LabelsSince(
        sum(row.current_label is not None and row.current_label != keys[row.label] for row in there),
        sum(row.current_label is None for row in there),
        len(rows) - len(there),
        tuple(
            (each.name, now[each.key]) for each in classes if each.key in now and now[each.key] != each.name
        ),
        tuple(each.name for each in classes if each.key not in now),
    )


def _prediction(line: bytes, classes: int) -> Mapping[str, Any]:
    """One line of a predictions file; raises ValueError, TypeError or LookupError when it is none."""
    values = json.loads(line)
    int(values["id"])
    shares = [float(share) for share in values["p"]]
    if len(shares) != classes or not all(0 <= int(values[name]) < classes for name in ("label", "predicted")):
        raise ValueError("a prediction that does not fit the classes")
    if not all(0.0 <= share <= 1.0 for share in shares):
        raise ValueError("a probability that is none")
    return {**values, "p": shares}


def _row(
    line: Mapping[str, Any], texts: Mapping[int, str], frozen: Mapping[int, str], now: Mapping[int, str]
) -> EvaluatedRow:
    comment_id = int(line["id"])
    return EvaluatedRow(
        comment_id,
        texts.get(comment_id, frozen.get(comment_id, "")),
        int(line["label"]),
        int(line["predicted"]),
        tuple(float(value) for value in line["p"]),
        comment_id in texts,
        now.get(comment_id),
    )


def _current_labels(project: Project, ids: Sequence[int]) -> dict[int, str]:
    keys = {label.id: label.key for label in project.labels.list()}
    return {
        row.id: keys[row.label_id]
        for row in project.comments.rows(ids)
        if row.label_id is not None and row.label_id in keys
    }


def _frozen_texts(folder: RunFolder, split: str, wanted: set[int]) -> dict[int, str]:
    """Texts of comments that have left the project, from the data of the run."""
    if not wanted:
        return {}
    found: dict[int, str] = {}
    # Of folds the validation part of the model that is kept was drawn from both.
    for part in dict.fromkeys((split, "valid", "train")):
        path = folder.data / f"{part}.jsonl"
        if not path.exists() or len(found) == len(wanted):
            continue
        with path.open("rb") as file:
            for line in file:
                row = json.loads(line)
                if row["id"] in wanted:
                    found[int(row["id"])] = str(row["text"])
    return found


def _is_model(folder: Path) -> bool:
    return all((folder / name).is_file() for name in _NEEDED)


def temperature_of(folder: Path) -> float:
    """What a model's probabilities were divided by, 1.0 for one from before there was such a number."""
    try:
        found = float(json.loads((folder / "labels.json").read_bytes())["temperature"])
    except (OSError, ValueError, KeyError, TypeError):
        return 1.0
    return found if 0.0 < found < float("inf") else 1.0


def _labels_of(folder: Path) -> tuple[LabelName, ...]:
    path = folder / "labels.json"
    try:
        if path.stat().st_size > _LARGEST_LABELS:
            return ()
        values = json.loads(path.read_bytes())
        return tuple(LabelName(str(label["key"]), str(label["name"])) for label in values["labels"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ()  # a list must not fail because of one damaged model; using it says what is wrong
