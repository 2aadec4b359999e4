"""Checkpoints of a run: all that is needed to go on as if nothing had happened.

``checkpoints/step-N/`` is written under another name and renamed when whole; then ``last.json`` (and
``best.json``) are replaced; then steps that nobody points at are deleted. A kill at any moment leaves a whole
checkpoint. From the second on two are kept, if only the one before: should the disk spoil the newest, the
other is there (`learning.resumption`). ``sums.json`` tells what was written: one bit that is another may be a
weight that is another, and neither reader looks.
"""

from __future__ import annotations

import dataclasses
import io
import json
import math
import os
import pickle
import re
import shutil
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from senti_studio.errors import UserError
from senti_studio.jobs.run_folder import write_atomically

_WEIGHTS = "weights.safetensors"
_TRAINING = "training.pt"
_STATE = "state.json"
_SUMS = "sums.json"
_SUM = "sum"
"""Within the state itself, which is written again without the others."""
_STEP = re.compile(r"step-(\d+)(?:-(\d+))?")


@dataclass(slots=True)
class TrainingState:
    """Where a training stands. ``step`` counts finished steps, ``evaluated_step`` is the last judged one.

    The order of the data follows from seed and epoch, so ``step`` is the position in it. ``history`` has one
    entry for each evaluation. ``train_loss_sum`` and ``train_rows`` cover the steps since the last one.
    ``rows_at_once``: how many rows the memory turned out to bear, 0 when nothing stood in the way.
    ``reading``: what came of the texts before the first step (`learning.reading`).
    """

    step: int = 0
    evaluated_step: int = 0
    best_step: int = -1
    best_f1: float = -1.0
    best_loss: float = float("inf")
    without_gain: int = 0
    train_loss_sum: float = 0.0
    train_rows: int = 0
    elapsed: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)
    best_accuracy: float = -1.0
    rows_at_once: int = 0
    reading: dict[str, Any] = field(default_factory=dict)


def require_sound(state: TrainingState) -> None:
    """Raises ValueError or TypeError for a state that no training can have left behind."""
    for field_ in dataclasses.fields(state):
        value, default = getattr(state, field_.name), field_.default
        if type(default) is int and (type(value) is not int or value < min(0, default)):
            raise ValueError(f"{field_.name}={value!r}")
        if type(default) is float and type(value) not in (int, float):
            raise ValueError(f"{field_.name}={value!r}")
    if max(state.evaluated_step, state.best_step) > state.step or not 0 <= state.elapsed < math.inf:
        raise ValueError(f"step={state.step}")
    for entry in state.history:
        if not all(type(entry[name]) in (int, float) for name in ("step", "epoch", "macro_f1", "train_loss")):
            raise ValueError("history")
    facts = state.reading
    objects = [facts.get(name, {}) for name in ("vectors", "start", "distilled")]
    if not all(isinstance(each, dict) for each in (*objects, *facts.get("members", ()))):
        raise TypeError("reading")
    size = facts.get("vectors", {}).get("size", 1)
    if type(size) is not int or not 0 < size < 1 << 16:
        raise ValueError(f"reading: vectors of {size!r} numbers")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A whole checkpoint on disk."""

    path: Path

    def state(self) -> TrainingState:
        """Raises UserError ``CHECKPOINT_DAMAGED``."""
        try:
            values = json.loads((self.path / _STATE).read_bytes())
            told = values.pop(_SUM, None)
            if told not in (None, zlib.crc32(json.dumps(values).encode())):
                raise ValueError(f"{_STATE}: other values than were written")
            state = TrainingState(**values)
            require_sound(state)
            return state
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise self.damaged(error) from error

    def weights(self) -> dict[str, Tensor]:
        """The averaged weights, ready for a model. Raises UserError ``CHECKPOINT_DAMAGED``."""
        try:
            content = (self.path / _WEIGHTS).read_bytes()
            self._require_sum(_WEIGHTS, zlib.crc32(content))
            found = load(content)
        except (OSError, SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise self.damaged(error) from error
        if not all(bool(value.isfinite().all()) for value in found.values()):
            raise self.damaged(ValueError(f"{_WEIGHTS}: numbers that are none"))
        return found

    def training(self) -> dict[str, Any]:
        """Net, optimiser, schedule, generators, without unpickling. UserError ``CHECKPOINT_DAMAGED``."""
        try:
            if not zipfile.is_zipfile(self.path / _TRAINING):
                # What `torch.save` writes is one; anything else would go to its reader of bare pickles.
                raise ValueError(f"{_TRAINING}: no archive")
            self._require_sum(_TRAINING, _sum_of(self.path / _TRAINING))
            values = torch.load(self.path / _TRAINING, map_location="cpu", weights_only=True)
        except pickle.UnpicklingError as error:
            # What torch says of it advises to read the file in a way that would run it.
            raise self.damaged(ValueError(f"{_TRAINING}: not only numbers")) from error
        except (OSError, RuntimeError, EOFError, ValueError, TypeError, LookupError) as error:
            raise self.damaged(error) from error
        if not isinstance(values, dict):
            raise self.damaged(TypeError(f"{_TRAINING}: {type(values).__name__}"))
        return values

    def _require_sum(self, name: str, found: int) -> None:
        """Raises ValueError, KeyError or TypeError for a file of other bytes than were written; an earlier
        version did not note what they were."""
        if (self.path / _SUMS).exists() and json.loads((self.path / _SUMS).read_bytes())[name] != found:
            raise ValueError(f"{name}: other bytes than were written")

    def rewrite(self, state: TrainingState) -> None:
        """Replaces the state, of the same step."""
        write_atomically(self.path / _STATE, _content(state))

    def damaged(self, error: Exception) -> UserError:
        """What reading it raised, as UserError ``CHECKPOINT_DAMAGED``; torch fills pages, a line will do."""
        reason = " ".join(str(error).split()) or type(error).__name__
        return UserError("CHECKPOINT_DAMAGED", path=str(self.path), reason=reason[:200])


class Checkpoints:
    """The ``checkpoints/`` folder of a run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def last(self) -> Checkpoint | None:
        """Where to resume."""
        return self._pointed("last.json")

    def best(self) -> Checkpoint | None:
        """The weights with the best validation figures so far."""
        return self._pointed("best.json")

    def save(self, net: Mapping[str, Tensor], training: dict[str, Any], state: TrainingState) -> Checkpoint:
        """Writes a checkpoint and makes it the last one; also the best one if ``state`` says so."""
        # Not its parents: a project that is moved meanwhile must not rise again where it was.
        self.folder.mkdir(exist_ok=True)
        before = self._known("last.json")
        self._delete_unpointed()  # the room of the one before it is needed now
        target = self._unused(f"step-{state.step}")
        temporary = self.folder / f".step-{state.step}.{os.getpid()}.tmp"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        weights = {name: value.detach().cpu().contiguous() for name, value in net.items()}
        buffer = io.BytesIO()
        torch.save(training, buffer)
        contents = {_WEIGHTS: memoryview(save(weights)), _TRAINING: buffer.getbuffer()}
        sums = {name: zlib.crc32(content) for name, content in contents.items()}
        try:
            for name, content in contents.items():
                _write(temporary / name, content)
            _write(temporary / _SUMS, json.dumps(sums).encode())
            _write(temporary / _STATE, _content(state))
            temporary.replace(target)
        finally:
            # On a full disk half a checkpoint would only keep the space that the user needs.
            shutil.rmtree(temporary, ignore_errors=True)
        kept = Checkpoint(target)
        try:
            if state.best_step == state.step:
                self.point_best(kept, state)
            self.point_last(kept, state)
        finally:
            # Also of a disk that had no room for a pointer: nobody will find what nothing points at.
            self._delete_unpointed(before)
        return kept

    def newest_first(self) -> list[Checkpoint]:
        """All that are there, whole or not."""
        if not self.folder.is_dir():
            return []
        numbers = {path: found for path in self.folder.iterdir() if (found := _STEP.fullmatch(path.name))}
        order = sorted(numbers, key=lambda path: tuple(map(int, numbers[path].groups("1"))), reverse=True)
        return [Checkpoint(path) for path in order if path.is_dir()]

    def point_last(self, checkpoint: Checkpoint, state: TrainingState) -> None:
        """Makes it the one to resume from."""
        if checkpoint != self._known("last.json"):
            self._point("last.json", state.step, checkpoint.path.name)

    def point_best(self, checkpoint: Checkpoint, state: TrainingState) -> None:
        """Makes it the best one."""
        if checkpoint != self._known("best.json"):
            self._point("best.json", state.step, checkpoint.path.name)

    def forget_best(self) -> None:
        """Until a better one comes there is none."""
        (self.folder / "best.json").unlink(missing_ok=True)

    def clear(self) -> None:
        """Deletes all of them: the model is kept elsewhere, or nothing is to be kept."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _unused(self, name: str) -> Path:
        """A step can be written twice (before and after its evaluation), never over another."""
        target = self.folder / name
        number = 1
        while target.exists():
            number += 1
            target = self.folder / f"{name}-{number}"
        return target

    def _point(self, name: str, step: int, folder: str) -> None:
        write_atomically(self.folder / name, json.dumps({"step": step, "path": folder}).encode())

    def _pointed(self, name: str) -> Checkpoint | None:
        try:
            folder = str(json.loads((self.folder / name).read_bytes())["path"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise UserError("CHECKPOINT_DAMAGED", path=str(self.folder), reason=str(error)) from error
        path = self.folder / Path(folder).name
        return Checkpoint(path) if path.is_dir() else None

    def _known(self, name: str) -> Checkpoint | None:
        """As `_pointed`; of a pointer that says nothing, none."""
        try:
            return self._pointed(name)
        except UserError:
            return None

    def _delete_unpointed(self, before: Checkpoint | None = None) -> None:
        """``before``: stays where one checkpoint is both the last and the best."""
        pointed = {found.path for found in (self.last(), self.best()) if found is not None}
        if len(pointed) < 2 and before is not None:
            pointed.add(before.path)
        for path in self.folder.iterdir():
            if path.is_dir() and path not in pointed:
                shutil.rmtree(path, ignore_errors=True)


def _content(state: TrainingState) -> bytes:
    values = dataclasses.asdict(state)
    return json.dumps({**values, _SUM: zlib.crc32(json.dumps(values).encode())}).encode()


def _sum_of(path: Path) -> int:
    """The same as of all its bytes; it may be larger than what memory is left."""
    found = 0
    with path.open("rb") as file:
        while some := file.read(1 << 24):
            found = zlib.crc32(some, found)
    return found


def _write(path: Path, content: bytes | memoryview) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
