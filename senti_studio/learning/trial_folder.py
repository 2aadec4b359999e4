"""``trials/NNNN/`` of a repeated training, and how the best of them becomes the run's model."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from senti_studio.domain.training_options import TrainingOptions, problems_of
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Warned
from senti_studio.jobs.run_folder import write_atomically
from senti_studio.learning.checkpoint import Checkpoints
from senti_studio.learning.resumption import Resumption, resumption

HELD_OUT = "held_out.jsonl"
FOLDS = "folds.jsonl"
_PUBLISHED = ("model", "predictions")


@dataclass(frozen=True, slots=True)
class TrialFolder:
    """One training of a repeated one; laid out as a run folder."""

    path: Path

    @classmethod
    def of(cls, out: Path, number: int) -> TrialFolder:
        return cls(out / "trials" / f"{number:04d}")

    @property
    def checkpoints(self) -> Checkpoints:
        return Checkpoints(self.path / "checkpoints")

    @property
    def held_out(self) -> Path:
        return self.path / "predictions" / HELD_OUT

    def begun(self) -> tuple[TrainingOptions, Resumption] | None:
        """With what options it was begun and where it goes on: at its start where no checkpoint of it is
        whole, since the other trials must not suffer; None for a trial that was not begun.

        Raises UserError ``BAD_SPEC`` for options that this version does not know.
        """
        path = self.path / "options.json"
        try:
            options = TrainingOptions(**json.loads(path.read_bytes()))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise UserError("BAD_SPEC", problems=[f"{path.name}: {error}"]) from error
        problems = problems_of(options)
        if problems:
            raise UserError("BAD_SPEC", problems=problems)
        try:
            return options, resumption(self.checkpoints)
        except UserError as error:
            self.checkpoints.clear()
            params = {"trial": int(self.path.name), "reason": error.params["reason"]}
            return options, Resumption(remarks=(Warned(code="TRIAL_ANEW", params=params),))

    def begin(self, options: TrainingOptions) -> None:
        """Writes down what it is to be, before its first step."""
        self.path.mkdir(parents=True, exist_ok=True)
        content = json.dumps(dataclasses.asdict(options), ensure_ascii=False, indent=1)
        write_atomically(self.path / "options.json", content.encode())

    def tidy(self, *, keep_model: bool) -> None:
        """What is not needed once it is over; its predictions stay."""
        self.checkpoints.clear()
        if not keep_model:
            shutil.rmtree(self.path / "model", ignore_errors=True)


def publish(out: Path, best: TrialFolder, folds: Iterable[TrialFolder]) -> None:
    """Copies model and predictions of the best trial into the run, and the held-out rows of ``folds``.

    Can be done again at any time: a trial's folder stays as it is. What a kill in its midst has put aside
    `bring_back` finds.
    """
    for name in _PUBLISHED:
        making = _making(out, name)
        shutil.rmtree(making, ignore_errors=True)
        shutil.copytree(best.path / name, making, ignore=shutil.ignore_patterns(HELD_OUT))
        if name == "predictions":
            held = b"".join(fold.held_out.read_bytes() for fold in folds if fold.held_out.exists())
            if held:
                write_atomically(making / FOLDS, held)
        # That of an earlier start makes room in a moment: a large one takes long to delete.
        old = _aside(out, name)
        if (out / name).exists():
            shutil.rmtree(old, ignore_errors=True)
            (out / name).rename(old)
        making.rename(out / name)
        shutil.rmtree(old, ignore_errors=True)


def bring_back(out: Path) -> None:
    """What an earlier start had published is where it was, if a kill has caught `publish` on its way."""
    for name in _PUBLISHED:
        if not (out / name).exists() and _aside(out, name).exists():
            _aside(out, name).rename(out / name)
        for half_done in (_aside(out, name), _making(out, name)):
            shutil.rmtree(half_done, ignore_errors=True)


def _making(out: Path, name: str) -> Path:
    return out / f".{name}.new"


def _aside(out: Path, name: str) -> Path:
    return out / f".{name}.old"


def tidy_all(out: Path, *, keep: int = 0, over: Collection[int] | None = None) -> None:
    """Leaves of the trials what a run that is over is looked at for, and the model of trial ``keep``: a run
    that was stopped may go on with its other trials, and that one may stay the best. ``over``: the trials
    that have ended, where the one at work is to go on from its checkpoint (None: all have)."""
    kept = TrialFolder.of(out, keep).path
    ended = None if over is None else [TrialFolder.of(out, number).path for number in over]
    for path in (out / "trials").glob("*"):
        if ended is None or path in ended:
            TrialFolder(path).tidy(keep_model=path == kept)


def leave_nothing(out: Path) -> None:
    """All that trials and run have made."""
    for name in ("trials", "checkpoints"):
        shutil.rmtree(out / name, ignore_errors=True)
    for name in _PUBLISHED:
        for path in (out / name, _aside(out, name), _making(out, name)):
            shutil.rmtree(path, ignore_errors=True)
