"""Specs: everything needed to repeat a run. They travel as JSON inside the run folder."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from senti_studio.domain.adapting import AdaptSpec, adapt_spec_from_json
from senti_studio.domain.architectures import ARCHITECTURES, epochs_of, problems_with
from senti_studio.domain.eight_bits import PRECISIONS, WHOLE
from senti_studio.domain.repetition import ONCE, Repetition, problems_of_repetition
from senti_studio.domain.teaching import Teaching
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.domain.transfer import EarlierModel, PseudoLabels
from senti_studio.errors import UserError

SPEC_VERSION = 1

_DEFAULTS = TrainingOptions()


@dataclass(frozen=True, slots=True)
class LabelName:
    """A class as models know it: position in the list = class index."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class DataSummary:
    """What is frozen in ``data/``: rows per part, comments left out and why, leaks over the split, and how
    many of the rows came from which source; ``group_column``: what held comments together beside their texts,
    ``avoided``: rows that a draw row by row would have had on both sides."""

    rows: Mapping[str, int] = field(default_factory=dict)
    sha256: str = ""
    leaked: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, int] = field(default_factory=dict)
    group_column: str = ""
    avoided: int = 0


@dataclass(frozen=True, slots=True)
class AwaitedEncoder:
    """An encoder that an adaptation beside the training has yet to make. ``run``: its id, "" while that one
    waits in a queue itself; ``name``: what the encoder is to be called."""

    name: str
    run: str = ""

    def problems(self) -> list[str]:
        """What is no name, or leads out of the folder of the runs."""
        found = [f"awaits={value!r}"[:200] for value in (self.name, self.run) if type(value) is not str]
        if not found and (not self.name or self.run != self.run.strip(". ") or set(self.run) & set("/\\:")):
            found.append(f"awaits={self.run!r}"[:200])
        return found


@dataclass(frozen=True, slots=True)
class TrainingSpec:
    """One training, or one that is repeated (``kind`` is ``search`` then, whatever the mode).

    ``device``: ``auto`` | ``cpu`` | ``cuda`` | ``cuda:1`` | ``mps`` | ``cuda:all`` | ``cpu:2`` (the last two:
    `domain.several`); ``start``: the model that it begins with, which lies in ``data/start/``; ``pseudo``:
    comments without a label join; ``teaching``: a model that it learns from; ``awaits``: the encoder that it
    waits for, None as soon as that is there.
    """

    run_id: str
    name: str
    architecture: str
    labels: tuple[LabelName, ...]
    options: TrainingOptions = _DEFAULTS
    device: str = "auto"
    data: DataSummary = DataSummary()
    version: int = SPEC_VERSION
    kind: str = "train"
    repetition: Repetition = ONCE
    start: EarlierModel | None = None
    pseudo: PseudoLabels | None = None
    teaching: Teaching | None = None
    awaits: AwaitedEncoder | None = None

    @property
    def epochs(self) -> int:
        """How often the training part is read, at most."""
        return epochs_of(self.architecture, self.options, self.data.rows.get("train", 0))


@dataclass(frozen=True, slots=True)
class FileToClassify:
    """How to read the input of a batch. Empty encoding, delimiter or format = decide.

    Of a workbook: ``sheet`` (empty: the first one that is shown) and ``skip_rows`` above its header (-1:
    decide, also whether there is one)."""

    path: str
    text_column: str = ""
    encoding: str = ""
    delimiter: str = ""
    quote: str = '"'
    has_header: bool = True
    sha256: str = ""
    format: str = ""
    sheet: str = ""
    skip_rows: int = -1


@dataclass(frozen=True, slots=True)
class ClassifiedOutput:
    """The classified CSV: ``path`` (empty = predictions only) and its encoding."""

    path: str = ""
    encoding: str = "utf-8-sig"
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class ClassificationSpec:
    """One batch: a model folder, one file, a ``batch_folder`` for the predictions, and the output CSV.

    What lies in the project is stored relative to the run folder, so that a project can be moved and copied;
    see `located`. ``precision``: ``fp32``, or ``int8`` where the model says the same in it on ``known_rows``
    (the validation part of its run; empty: on comments of the file), or in any case where the user
    ``insists``.
    """

    run_id: str
    name: str
    model_folder: str
    batch_folder: str
    file: FileToClassify
    output: ClassifiedOutput = ClassifiedOutput()
    device: str = "auto"
    batch_size: int = 256
    version: int = SPEC_VERSION
    kind: str = "classify"
    precision: str = WHOLE
    insists: bool = False
    known_rows: str = ""

    def located(self, run_folder: Path) -> ClassificationSpec:
        """The same with absolute paths, for a run that lies in ``run_folder``."""

        def there(path: str) -> str:
            return os.path.normpath(run_folder.absolute() / path) if path else path

        return replace(
            self,
            model_folder=there(self.model_folder),
            batch_folder=there(self.batch_folder),
            known_rows=there(self.known_rows),
            file=replace(self.file, path=there(self.file.path)),
        )


Spec = TrainingSpec | ClassificationSpec | AdaptSpec


def spec_to_json(spec: Spec) -> dict[str, Any]:
    """A spec as plain JSON values."""
    return dataclasses.asdict(spec)


def spec_from_json(values: Mapping[str, Any]) -> Spec:
    """Reads a spec; raises UserError ``BAD_SPEC`` with all problems, ``SPEC_TOO_NEW`` for a later version."""
    version = values.get("version", 0)
    if not isinstance(version, int):
        raise UserError("BAD_SPEC", problems=[f"version={version}"])
    if version > SPEC_VERSION:
        raise UserError("SPEC_TOO_NEW", version=version)
    if values.get("kind") == "adapt":
        found, wrong = adapt_spec_from_json(values)
        if found is None or wrong:
            raise UserError("BAD_SPEC", problems=wrong)
        return found
    try:
        if values.get("kind") == "classify":
            return _classification(values)
        spec = TrainingSpec(
            **{
                **values,
                "labels": tuple(LabelName(**label) for label in values["labels"]),
                "options": TrainingOptions(**values.get("options", {})),
                "data": DataSummary(**values.get("data", {})),
                "repetition": Repetition(**values.get("repetition", {})),
                "start": EarlierModel(**values["start"]) if values.get("start") else None,
                "pseudo": PseudoLabels(**_of_model(values["pseudo"])) if values.get("pseudo") else None,
                "teaching": Teaching(**_of_model(values["teaching"])) if values.get("teaching") else None,
                "awaits": AwaitedEncoder(**values["awaits"]) if values.get("awaits") else None,
            }
        )
    except (TypeError, KeyError, ValueError) as error:
        raise UserError("BAD_SPEC", problems=[str(error)]) from error
    problems = problems_with(spec.architecture, spec.options) + problems_of_repetition(spec.repetition)
    problems += _problems_of_names(spec)
    parts = (spec.pseudo, spec.teaching, spec.awaits)
    problems += [each for asked in parts if asked for each in asked.problems()]
    if spec.architecture not in ARCHITECTURES:
        problems.append(f"architecture={spec.architecture} ({' | '.join(ARCHITECTURES)})")
    if len(spec.labels) < 2:
        problems.append(f"labels={len(spec.labels)} (2…)")
    if problems:
        raise UserError("BAD_SPEC", problems=problems)
    return spec


def _classification(values: Mapping[str, Any]) -> ClassificationSpec:
    found = ClassificationSpec(
        **{
            **values,
            "file": FileToClassify(**values["file"]),
            "output": ClassifiedOutput(**values.get("output", {})),
        }
    )
    if found.precision not in PRECISIONS:
        raise ValueError(f"precision={found.precision!r} ({' | '.join(PRECISIONS)})")
    return found


def _of_model(values: Mapping[str, Any]) -> dict[str, Any]:
    return {**values, "model": EarlierModel(**values["model"])}


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _problems_of_names(spec: TrainingSpec) -> list[str]:
    """What is no text, no count, or there twice, in a spec that somebody has edited."""
    texts: dict[str, object] = {
        "run_id": spec.run_id,
        "name": spec.name,
        "device": spec.device,
        "kind": spec.kind,
    }
    for position, label in enumerate(spec.labels):
        texts |= {f"labels[{position}].key": label.key, f"labels[{position}].name": label.name}
    found = [f"{name}={value!r}" for name, value in texts.items() if not isinstance(value, str)]
    rows: object = spec.data.rows
    counts = rows if isinstance(rows, Mapping) else {"": rows}
    found += [f"data.rows.{name}={value!r}"[:200] for name, value in counts.items() if not _is_count(value)]
    if not isinstance(rows, Mapping):
        found.append(f"data.rows={rows!r}")
    if not found and len({label.key for label in spec.labels}) < len(spec.labels):
        found.append(f"labels={[label.key for label in spec.labels]}")
    return found
