"""The model that a training begins with: whether it fits, what it has seen before, its frozen copy."""

from __future__ import annotations

import functools
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from senti_studio.domain.architectures import architecture_name, default_options, options_of
from senti_studio.domain.comments import Part, text_keys
from senti_studio.domain.repetition import Repetition
from senti_studio.domain.teaching import TAUGHT
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.domain.transfer import PSEUDO, START, STRUCTURE, EarlierModel, differences
from senti_studio.errors import UserError
from senti_studio.operations.model_export import values_of_card
from senti_studio.operations.models import ModelSummary, find_model
from senti_studio.operations.parts import Split
from senti_studio.storage.project import Project

TEXTS = "start_texts.json"
"""In ``data/``: the keys of the texts that the model to begin with has learnt from."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """A model to begin with, what is known of it, and the keys of the texts that it has learnt from."""

    model: ModelSummary
    about: EarlierModel
    texts: frozenset[int]


def beginning(project: Project, wanted: str, parts: Split) -> Beginning:
    """Looks at the model that is ``wanted`` as `find_model` takes it; raises what that raises."""
    model = find_model(project, wanted)
    texts = learnt_texts(project, model)
    seen = seen_of(texts, parts) if texts is not None else {}
    return Beginning(model, EarlierModel(model.id, model.name, seen, texts is not None), texts or frozenset())


def problem_of_start(
    start: Beginning, architecture: str, options: TrainingOptions, repetition: Repetition
) -> tuple[str, dict[str, object]] | None:
    """What keeps a training of these options from beginning with the model."""
    if repetition.leaves_out:
        return "START_NO_FOLDS", {}
    if repetition.mode == "search" and architecture == "baseline":
        return "START_NO_SEARCH", {}
    kind, earlier = _known_of(start.model)
    if kind != architecture:
        found = [f"{architecture_name(kind)} → {architecture_name(architecture)}"]
    else:
        if options.vectors == "file":
            earlier.pop("embedding_size", None)  # the file decides it
        found = differences(architecture, earlier, options)
    return ("START_DOES_NOT_FIT", {"model": start.model.name, "differences": found}) if found else None


def options_to_go_on(model: ModelSummary) -> tuple[str, dict[str, Any]]:
    """The architecture of a model, and its options that one who begins with it has to have; among them the
    name of its encoder, by which it is called and whose rates suit it."""
    kind, known = _known_of(model)
    plain, used = default_options(kind), options_of(kind)
    return kind, {
        name: known[name]
        for name in (*STRUCTURE, "encoder")
        if name in used and isinstance(known.get(name), type(getattr(plain, name)))
    }


def freeze(start: Beginning, data: Path) -> None:
    """Copies the model, and what it has learnt from, into the data of a run. Raises OSError."""
    copy_model(start.model.folder, data / START)
    with (data / TEXTS).open("wb") as file:
        file.write(json.dumps(sorted(start.texts)).encode())
        file.flush()
        os.fsync(file.fileno())


def copy_model(folder: Path, target: Path) -> None:
    """The files of a model in a new folder; links are none of its. Raises OSError."""
    target.mkdir()
    for path in folder.iterdir():
        if path.is_file() and not path.is_symlink():
            shutil.copyfile(path, target / path.name)


def seen_of(texts: frozenset[int], parts: Split) -> dict[str, int]:
    """Part -> its comments whose text, or nearly the same, is among those with these keys."""
    groups = {parts.key_of[key] for key in texts if key in parts.key_of}
    return {
        part.value: sum(parts.key_of[comment.text_key] in groups for comment in parts.rows[part])
        for part in (Part.VALID, Part.TEST)
    }


def learnt_texts(project: Project, model: ModelSummary) -> frozenset[int] | None:
    """Keys of the texts that a model, and those that it began with, have learnt from or were chosen by; None
    where nobody can tell."""
    run = project.runs_folder / model.run_id if model.run_id else model.folder.parent
    spec = run / "spec.json"
    try:
        values = json.loads(spec.read_bytes())
        if (values.get("start") or {}).get("is_known", True):
            return _texts_in(str(run / "data"), spec.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    return None


@functools.lru_cache(maxsize=4)
def _texts_in(data: str, _stamp: int) -> frozenset[int]:
    folder = Path(data)
    keys = text_keys([*_texts(folder / "train.jsonl"), *_texts(folder / "valid.jsonl")])
    earlier = folder / TEXTS
    more = json.loads(earlier.read_bytes()) if earlier.exists() else []
    for joined in (folder / PSEUDO, folder / TAUGHT):
        if joined.exists():
            keys += text_keys([*_texts(joined)])
    return frozenset((*keys, *map(int, more)))


def _texts(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        for line in file:
            yield str(json.loads(line)["text"])


def _known_of(model: ModelSummary) -> tuple[str, dict[str, Any]]:
    """Architecture and options of a model, as far as it tells. Raises UserError ``MODEL_DAMAGED``."""
    try:
        config = json.loads((model.folder / "config.json").read_bytes())
        kind = str(config["architecture"])
        card = values_of_card(model)
        spec, vocabulary = card.get("spec") or {}, card.get("vocabulary")
        options = dict(spec.get("options") or {})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError("MODEL_DAMAGED", path=str(model.folder), reason=str(error)[:300]) from error
    if isinstance(vocabulary, Mapping):
        # Those with an encoder had none once, whatever their options said.
        options["ngrams"] = bool(vocabulary.get("ngrams"))
    if options.get("mix") == "distilled":
        # What came of it: the mix without its pupil, or this one, which reads the first kind of units.
        is_pupil = config.get("members") == "one"
        options["mix"] = "none" if is_pupil else "views"
        if is_pupil and options.get("units") == "both":
            options["units"] = "words"
    return kind, {**options, **{name: value for name, value in config.items() if name in STRUCTURE}}


def begin_candidates(models: Sequence[ModelSummary], architecture: str) -> list[ModelSummary]:
    """Models that a training of this architecture can begin with, in the order in which they are given."""
    return [model for model in models if model.architecture == architecture]
