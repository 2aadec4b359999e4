"""Specs: everything needed to repeat a run. They travel as JSON inside the run folder."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from senti_studio.errors import UserError

SPEC_VERSION = 1

ARCHITECTURES = ("lstm", "gru")

UNITS = ("words", "characters", "both")
"""What a recurrent net reads: words, characters, or both side by side."""


@dataclass(frozen=True, slots=True)
class LabelName:
    """A class as models know it: position in the list = class index."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """Hyper-parameters of a recurrent net; the defaults are what ``benchmarks/accuracy.py`` measures.

    ``units``: ``words`` | ``characters`` | ``both``; ``ngrams`` adds the linear view of character n-grams,
    which learns ``ngram_rate`` times as fast as the rest; ``averaging``: memory of the running mean of the
    weights that becomes the model (0 = none); ``least_steps``: an epoch of a small set has about as many
    steps as this, by smaller batches (but not below 8).
    """

    epochs: int = 8
    batch_size: int = 32
    learning_rate: float = 2e-3
    embedding_size: int = 128
    hidden_size: int = 128
    layers: int = 1
    bidirectional: bool = True
    dropout: float = 0.4
    patience: int = 3
    valid_share: float = 0.1
    seed: int = 0
    units: str = "words"
    max_length: int = 256
    min_frequency: int = 2
    embedding_dropout: float = 0.3
    warmup_share: float = 0.05
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    label_smoothing: float = 0.05
    word_dropout: float = 0.05
    ngrams: bool = True
    ngram_rate: float = 1.0
    averaging: float = 0.995
    least_steps: int = 40


_DEFAULTS = TrainingOptions()

RANGES: dict[str, tuple[float, float]] = {
    "epochs": (1, 1000),
    "batch_size": (1, 4096),
    "learning_rate": (1e-6, 1.0),
    "embedding_size": (4, 2048),
    "hidden_size": (4, 4096),
    "layers": (1, 8),
    "dropout": (0.0, 0.9),
    "patience": (1, 1000),
    "valid_share": (0.02, 0.5),
    "seed": (0, 2**31 - 1),
    "max_length": (4, 4096),
    "min_frequency": (1, 1000),
    "embedding_dropout": (0.0, 0.9),
    "warmup_share": (0.0, 0.9),
    "weight_decay": (0.0, 1.0),
    "clip_norm": (0.01, 1000.0),
    "label_smoothing": (0.0, 0.5),
    "word_dropout": (0.0, 0.9),
    "ngram_rate": (0.0, 100.0),
    "averaging": (0.0, 0.9999),
    "least_steps": (1, 100_000),
}
"""Smallest and largest accepted value of each numeric option, both included."""


@dataclass(frozen=True, slots=True)
class DataSummary:
    """What is frozen in ``data/``: rows per part, comments left out and why, leaks over the split."""

    rows: Mapping[str, int] = field(default_factory=dict)
    sha256: str = ""
    leaked: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrainingSpec:
    """One training. ``device``: ``auto`` | ``cpu`` | ``cuda`` | ``cuda:1`` | ``mps``."""

    run_id: str
    name: str
    architecture: str
    labels: tuple[LabelName, ...]
    options: TrainingOptions = TrainingOptions()
    device: str = "auto"
    data: DataSummary = DataSummary()
    version: int = SPEC_VERSION
    kind: str = "train"


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
    see `located`.
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

    def located(self, run_folder: Path) -> ClassificationSpec:
        """The same with absolute paths, for a run that lies in ``run_folder``."""

        def there(path: str) -> str:
            return os.path.normpath(run_folder.absolute() / path) if path else path

        return replace(
            self,
            model_folder=there(self.model_folder),
            batch_folder=there(self.batch_folder),
            file=replace(self.file, path=there(self.file.path)),
        )


Spec = TrainingSpec | ClassificationSpec


def problems_of(options: TrainingOptions) -> list[str]:
    """Everything that is wrong with the options, as ``name=value (low…high)``; empty when all is well."""
    found = []
    for name, (low, high) in RANGES.items():
        value = getattr(options, name)
        if not _is_number(value, whole=isinstance(getattr(_DEFAULTS, name), int)) or not low <= value <= high:
            found.append(f"{name}={value} ({low:g}…{high:g})")
    for name in ("bidirectional", "ngrams"):
        if not isinstance(getattr(options, name), bool):
            found.append(f"{name}={getattr(options, name)} (true | false)")
    if options.units not in UNITS:
        found.append(f"units={options.units} ({' | '.join(UNITS)})")
    return found


def _is_number(value: object, *, whole: bool) -> bool:
    """JSON written by hand may hold ``"8"`` or ``true`` where a number belongs."""
    return isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)


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
    try:
        if values.get("kind") == "classify":
            return ClassificationSpec(
                **{
                    **values,
                    "file": FileToClassify(**values["file"]),
                    "output": ClassifiedOutput(**values.get("output", {})),
                }
            )
        spec = TrainingSpec(
            **{
                **values,
                "labels": tuple(LabelName(**label) for label in values["labels"]),
                "options": TrainingOptions(**values.get("options", {})),
                "data": DataSummary(**values.get("data", {})),
            }
        )
    except (TypeError, KeyError, ValueError) as error:
        raise UserError("BAD_SPEC", problems=[str(error)]) from error
    problems = problems_of(spec.options)
    if spec.architecture not in ARCHITECTURES:
        problems.append(f"architecture={spec.architecture} ({' | '.join(ARCHITECTURES)})")
    if len(spec.labels) < 2:
        problems.append(f"labels={len(spec.labels)} (2…)")
    if problems:
        raise UserError("BAD_SPEC", problems=problems)
    return spec
