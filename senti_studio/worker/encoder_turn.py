"""A training whose encoder is still being made waits until the adaptation beside it has ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from senti_studio.domain.adapting import AdaptSpec
from senti_studio.domain.specs import AwaitedEncoder, TrainingSpec
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Finished, Preparing, Stopped
from senti_studio.jobs.run_folder import EventTail, RunFolder, RunStatus

POLL_S = 0.5
STAGE = "encoder"
_STAMP = len("20260101-120000")
"""Ids of runs begin with the time at which they were made."""


def with_its_encoder(
    folder: RunFolder, spec: TrainingSpec, is_over: Callable[[], bool]
) -> TrainingSpec | None:
    """The spec with the encoder that it has waited for, which it names from now on; None when ``is_over``
    came first. Raises UserError ``ENCODER_NOT_MADE``."""
    if spec.awaits is None:
        return spec
    made = _wait(folder, spec.awaits, is_over)
    if not made:
        return None
    found = replace(spec, options=replace(spec.options, encoder=made), awaits=None)
    folder.write_spec(found)
    return found


def _wait(folder: RunFolder, awaited: AwaitedEncoder, is_over: Callable[[], bool]) -> str:
    maker: _Maker | None = None
    told = False
    while not is_over():
        maker = maker or _maker_of(folder, awaited)
        if maker is not None and (made := maker.look(awaited.name)):
            return made
        if not told:
            folder.append_event(Preparing(stage=STAGE))
            told = True
        time.sleep(POLL_S)
    return ""


class _Maker:
    """The adaptation, followed by what it writes."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._tail, self._status = EventTail(folder.events_path), RunStatus()

    def look(self, name: str) -> str:
        """What it has put on the shelf, "" as long as it may still do so. Raises UserError
        ``ENCODER_NOT_MADE``."""
        for event in self._tail.read():
            self._status.feed(event)
        end = self._status.terminal
        if isinstance(end, (Finished, Stopped)) and end.output.get("encoder"):
            return str(end.output["encoder"])
        is_gone = not self._folder.spec_path.exists()
        if is_gone or (end is not None and not self._status.state.is_resumable):
            raise UserError("ENCODER_NOT_MADE", name=name)
        return ""


def _maker_of(folder: RunFolder, awaited: AwaitedEncoder) -> _Maker | None:
    """The adaptation that is meant; of one that had only been queued the first of that name made since."""
    runs = folder.path / ".."  # a worker works from within its folder, wherever that is moved to
    if awaited.run:
        return _Maker(RunFolder(runs / awaited.run))
    since = folder.path.absolute().name[:_STAMP]
    for path in sorted(runs.iterdir()):
        if path.name[:_STAMP] >= since and _makes(path, awaited.name):
            return _Maker(RunFolder(path))
    return None


def _makes(path: Path, name: str) -> bool:
    if not (path / "spec.json").is_file():
        return False
    try:
        spec = RunFolder(path).spec()
    except UserError:
        return False
    return isinstance(spec, AdaptSpec) and spec.target.lower() == name.lower()
