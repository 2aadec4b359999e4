"""The run folder: the whole contract between a run and everybody who watches it."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import ClassificationSpec, Spec, spec_from_json, spec_to_json
from senti_studio.errors import UserError
from senti_studio.jobs.lock import is_locked
from senti_studio.jobs.protocol import (
    Cancelled,
    Event,
    Failed,
    Finished,
    Paused,
    Preparing,
    Progress,
    Started,
    Stopped,
    Written,
    command_from_line,
    command_to_line,
    event_from_line,
    event_to_line,
)

START_GRACE_S = 30.0
"""How long after its launch a run without a lock and without events still counts as queued."""


def write_atomically(path: Path, content: bytes) -> None:
    """Replaces ``path`` by ``content`` so that a reader sees the old or the new whole, also after a power
    cut."""
    temporary = path.with_name(path.name + f".{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


@dataclass(frozen=True, slots=True)
class RunFolder:
    """``spec.json data/ events.jsonl commands.jsonl lock worker.log checkpoints/ model/`` below
    ``path``."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def spec_path(self) -> Path:
        return self.path / "spec.json"

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def events_path(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def commands_path(self) -> Path:
        return self.path / "commands.jsonl"

    @property
    def lock_path(self) -> Path:
        return self.path / "lock"

    @property
    def log_path(self) -> Path:
        return self.path / "worker.log"

    @property
    def launched_path(self) -> Path:
        """Holds the time of the last launch (seconds since the epoch); see `launched_at`."""
        return self.path / "launched"

    def note_launch(self) -> None:
        """Called just before a worker is started."""
        self.launched_path.write_text(f"{time.time():.3f}", "ascii")

    def note_worker(self, pid: int) -> None:
        """Called as soon as the process id of that worker is known."""
        with self.launched_path.open("a", encoding="ascii") as file:
            file.write(f" {pid}")

    def launched_at(self) -> float:
        """When a worker was started last, 0.0 if never. Not the time of the file, which a copy changes."""
        try:
            return float(self.launched_path.read_text("ascii").split()[0])
        except (OSError, ValueError, IndexError):
            return 0.0

    def worker_pid(self, started: Started | None) -> int:
        """The process id of the worker at work, 0 where nobody knows it. ``started``: its last word of that
        kind, which one that was launched a moment ago has not said yet."""
        if started is not None and started.at >= self.launched_at():
            return started.pid
        try:
            return int(self.launched_path.read_text("ascii").split()[1])
        except (OSError, ValueError, IndexError):
            return 0

    def beat(self) -> None:
        """The worker gets to work: told by the time of its lock file."""
        with contextlib.suppress(OSError):
            os.utime(self.lock_path)

    def sign_of_life(self) -> tuple[int, int]:
        """Another one with every beat and every event, however the clocks stand."""
        return _mark(self.lock_path, "st_mtime_ns"), _mark(self.events_path, "st_size")

    def was_launched_recently(self) -> bool:
        """Between the launch and the worker's lock there are seconds of imports."""
        return -1 < time.time() - self.launched_at() < START_GRACE_S

    def was_made_recently(self) -> bool:
        """Made a moment ago and not launched yet: about to be."""
        try:
            made = self.spec_path.stat().st_mtime
        except OSError:
            return False
        return not self.launched_at() and time.time() - made < START_GRACE_S

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def model(self) -> Path:
        return self.path / "model"

    @classmethod
    def create(cls, path: Path, spec: Spec) -> RunFolder:
        """Makes the folder; ``spec.json`` comes last, so a folder without it was never whole."""
        folder = cls(path)
        folder.data.mkdir(parents=True, exist_ok=True)
        folder.write_spec(spec)
        return folder

    def write_spec(self, spec: Spec) -> None:
        write_atomically(
            self.spec_path, json.dumps(spec_to_json(spec), ensure_ascii=False, indent=1).encode()
        )

    def spec(self) -> Spec:
        """With absolute paths. Raises UserError as `stored_spec`."""
        spec = self.stored_spec()
        return spec.located(self.path) if isinstance(spec, ClassificationSpec) else spec

    def stored_spec(self) -> Spec:
        """As it was written. Raises UserError ``RUN_DAMAGED`` when the spec is missing or no JSON,
        ``BAD_SPEC`` when it is wrong."""
        try:
            values = json.loads(self.spec_path.read_bytes())
        except (OSError, ValueError, RecursionError) as error:
            raise UserError("RUN_DAMAGED", path=str(self.path), reason=str(error)) from error
        if not isinstance(values, dict):
            raise UserError("RUN_DAMAGED", path=str(self.path), reason="spec.json")
        return spec_from_json(values)

    def append_event(self, event: Event) -> None:
        """Appends one whole line with a single write; a torn last line of a killed worker is closed
        first."""
        if not event.at:
            event = replace(event, at=time.time())
        line = event_to_line(event)
        with self.events_path.open("ab") as file:
            if file.tell() and not _ends_with_newline(self.events_path):
                line = b"\n" + line
            file.write(line)

    def events(self, start: int = 0) -> Iterator[Event]:
        """All whole events from byte ``start`` on."""
        tail = EventTail(self.events_path, start)
        yield from tail.read()

    def send(self, command: str) -> None:
        """Tells the run to ``pause``, ``stop`` or ``cancel``."""
        with self.commands_path.open("ab") as file:
            file.write(command_to_line(command))

    def is_alive(self) -> bool:
        """Whether a worker holds the lock."""
        return is_locked(self.lock_path)

    def log_tail(self, lines: int = 20) -> str:
        """The last lines of ``worker.log`` (at most 16 KiB are read)."""
        try:
            with self.log_path.open("rb") as file:
                file.seek(0, os.SEEK_END)
                file.seek(max(0, file.tell() - 16384))
                text = file.read().decode("utf-8", "replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def state(self) -> RunState:
        """Where the run stands, from its last events and its lock."""
        return RunStatus.read(self).state


def _mark(path: Path, name: str) -> int:
    try:
        return int(getattr(path.stat(), name))
    except OSError:
        return 0


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


class EventTail:
    """Reads what was appended since the last call, by byte offset; a half-written last line waits for its
    end."""

    def __init__(self, path: Path, offset: int = 0) -> None:
        self._path = path
        self.offset = offset

    def read(self, *, progress_limit: int | None = None) -> list[Event]:
        """New whole events, oldest first; unknown types are left out.

        With ``progress_limit`` about that many `Progress` events stand for all (the last is always among
        them): a run of hours opens in a blink, and nobody sees more points than a screen has.
        """
        lines = self._lines()
        if progress_limit is not None and len(lines) > progress_limit:
            lines = _thinned(lines, progress_limit)
        return [event for line in lines if (event := event_from_line(line)) is not None]

    def _lines(self) -> list[bytes]:
        try:
            with self._path.open("rb") as file:
                file.seek(self.offset)
                block = file.read()
        except FileNotFoundError:
            return []
        end = block.rfind(b"\n") + 1
        self.offset += end
        return [line for line in block[:end].split(b"\n") if line.strip()]


def _thinned(lines: list[bytes], limit: int) -> list[bytes]:
    keep_each = len(lines) // limit + 1
    kept: list[bytes] = []
    waiting = b""
    passed = 0
    for line in lines:
        if line.startswith(_PROGRESS_START):
            passed += 1
            waiting = line
            if passed % keep_each:
                continue
        elif waiting:
            kept.append(waiting)
        waiting = b""
        kept.append(line)
    return [*kept, waiting] if waiting else kept


_PROGRESS_START = b'{"type":"Progress"'
"""How `event_to_line` begins such a line; one written differently is merely not thinned."""


class CommandTail(EventTail):
    """The worker's side of ``commands.jsonl``; commands from before its start are skipped."""

    def __init__(self, folder: RunFolder) -> None:
        path = folder.commands_path
        super().__init__(path, path.stat().st_size if path.exists() else 0)

    def commands(self) -> list[str]:
        return [command for line in self._lines() if (command := command_from_line(line)) is not None]


@dataclass(slots=True)
class RunStatus:
    """What a list shows of a run: the state and the last event of each kind. Feed it every event in
    order."""

    state: RunState = RunState.QUEUED
    started: Started | None = None
    progress: Progress | None = None
    written: Written | None = None
    terminal: Event | None = None
    first_at: float = 0.0
    last_at: float = 0.0
    extra: dict[str, Any] = field(default_factory=dict)

    def feed(self, event: Event) -> None:
        """Takes one event into account; a `Started` after a terminal event reopens the run (resume)."""
        self.first_at = self.first_at or event.at
        self.last_at = event.at
        if isinstance(event, Started):
            self.started, self.terminal, self.state = event, None, RunState.PREPARING
        elif isinstance(event, Preparing):
            if event.stage in _STAGES_OF_WAITING:
                self.state = RunState.QUEUED
            elif self.state is RunState.QUEUED:
                self.state = RunState.PREPARING
        elif isinstance(event, Progress):
            self.progress, self.state = event, RunState.RUNNING
        elif isinstance(event, Written):
            self.written, self.state = event, RunState.RUNNING
        elif event.terminal:
            self.terminal, self.state = event, _TERMINAL_STATES[event.type]

    def settle(self, folder: RunFolder) -> None:
        """Takes the lock into account: nobody at work and no terminal event means interrupted, unless a
        worker was launched a moment ago and has not said a word yet."""
        if folder.is_alive():
            if self.is_taken_up(folder):
                self.state = RunState.PREPARING
            return
        if folder.launched_at() > self.last_at and folder.was_launched_recently():
            self.state = RunState.PREPARING if self.last_at else RunState.QUEUED
        elif not self.last_at and folder.was_made_recently():
            self.state = RunState.QUEUED
        else:
            # What stands behind the end of an edited file does not bring the run back to life.
            self.state = (
                RunState.INTERRUPTED if self.terminal is None else _TERMINAL_STATES[self.terminal.type]
            )

    def is_taken_up(self, folder: RunFolder) -> bool:
        """Whether a worker was launched to go on with a run that had ended, and has not said a word yet: it
        reads its libraries first."""
        return self.terminal is not None and folder.launched_at() > self.last_at

    @classmethod
    def read(cls, folder: RunFolder) -> RunStatus:
        alive_before = folder.is_alive()
        status = cls()
        for event in folder.events():
            status.feed(event)
        if not alive_before or folder.is_alive():
            status.settle(folder)
        return status

    @property
    def started_at(self) -> datetime | None:
        return datetime.fromtimestamp(self.first_at, UTC) if self.first_at else None


_STAGES_OF_WAITING = ("waiting", "encoder")

_TERMINAL_STATES = {
    Finished.type: RunState.FINISHED,
    Stopped.type: RunState.STOPPED,
    Paused.type: RunState.PAUSED,
    Cancelled.type: RunState.CANCELLED,
    Failed.type: RunState.FAILED,
}
