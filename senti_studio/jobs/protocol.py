"""Events that workers write and commands that they obey, one JSON object a line.

Unknown event types are skipped by readers, a newer major version is refused; see ``docs/protocol.md``.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from senti_studio.errors import UserError

PROTOCOL_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """``at`` = seconds since the epoch, UTC; filled in by the writer when 0."""

    type: ClassVar[str] = ""
    terminal: ClassVar[bool] = False
    at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Started(Event):
    """First event of every start; a resumed run has several, with ``resumed_from_step`` > 0. A repeated
    training has one for each of its ``trials``, the number of which (from 1) is ``trial``."""

    type: ClassVar[str] = "Started"
    v: int = PROTOCOL_VERSION
    run_id: str = ""
    pid: int = 0
    device: str = "cpu"
    device_name: str = ""
    total_steps: int = 0
    steps_per_epoch: int = 0
    epochs: int = 0
    total_rows: int = 0
    resumed_from_step: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    trial: int = 0
    trials: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparing(Event):
    """Work before the first step: ``stage`` is ``reading`` | ``segmenting`` | ``vocabulary`` |
    ``building`` | ``evaluating``; ``waiting``: another run has the graphics card;
    ``encoder``: an adaptation has yet to make the encoder."""

    type: ClassVar[str] = "Preparing"
    stage: str = ""
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Read(Event):
    """The training comments have been read: at most ``max_length`` units of each, which cut the share
    ``cut_share`` of them short. Of architectures that read whole comments there is none."""

    type: ClassVar[str] = "Read"
    max_length: int = 0
    cut_share: float = 0.0
    trial: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(Event):
    """At most ten a second. ``epoch`` is fractional (2.75); ``eta`` in seconds (-1 unknown); ``memory``
    in bytes of the device (of the process on a CPU); ``elapsed`` counts the seconds of all starts of the
    run together. In a repeated training step, epoch and loss are those of ``trial``, the times of the run.
    ``tokens``: units that an adaptation has read so far, of all starts together; 0 elsewhere."""

    type: ClassVar[str] = "Progress"
    step: int = 0
    epoch: float = 0.0
    loss: float = 0.0
    lr: float = 0.0
    rows_per_s: float = 0.0
    eta: float = -1.0
    memory: int = 0
    elapsed: float = 0.0
    trial: int = 0
    tokens_per_s: float = 0.0
    tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated(Event):
    """One evaluation of ``split`` (``valid`` | ``test``); ``confusion[true][predicted]``; ``per_label`` has
    precision, recall, f1, support for each label of the spec, in its order."""

    type: ClassVar[str] = "Evaluated"
    epoch: float = 0.0
    step: int = 0
    split: str = "valid"
    loss: float = 0.0
    accuracy: float = 0.0
    macro_f1: float = 0.0
    per_label: tuple[Mapping[str, float], ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    is_best: bool = False
    patience_left: int = -1
    trial: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled(Event):
    """One evaluation of an adaptation: mean loss of hidden units of held-out comments, and the share of them
    that is guessed right; the first one is that of the encoder before it has learnt anything here."""

    type: ClassVar[str] = "Filled"
    epoch: float = 0.0
    step: int = 0
    loss: float = 0.0
    accuracy: float = 0.0
    is_best: bool = False
    patience_left: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointSaved(Event):
    """After the pointer was replaced."""

    type: ClassVar[str] = "CheckpointSaved"
    epoch: float = 0.0
    step: int = 0
    is_best: bool = False
    trial: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial(Event):
    """One training of a repeated one is over; what a resumed run knows of it. ``options``: those that differ
    from the spec's; ``state``: ``done`` | ``pruned`` | ``failed`` (then ``code`` and ``params`` say why);
    ``curve``: validation macro F1 after each whole epoch; ``is_best``: the best of all so far."""

    type: ClassVar[str] = "Trial"
    number: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    state: str = "done"
    metrics: Mapping[str, Any] = field(default_factory=dict)
    curve: tuple[float, ...] = ()
    seconds: float = 0.0
    is_best: bool = False
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned(Event):
    """A message code and its parameters; the run goes on."""

    type: ClassVar[str] = "Warned"
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written(Event):
    """Batch classification: rows done of ``total_rows``, and rows per label so far (label key -> rows)."""

    type: ClassVar[str] = "Written"
    rows_done: int = 0
    total_rows: int = 0
    rows_per_s: float = 0.0
    eta: float = -1.0
    label_rows: Mapping[str, int] = field(default_factory=dict)
    stage: str = "classifying"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished(Event):
    """``reason``: ``epochs`` | ``patience`` | ``done``; ``metrics``: figures worth a table cell;
    ``output``: files made."""

    type: ClassVar[str] = "Finished"
    terminal: ClassVar[bool] = True
    reason: str = "done"
    metrics: Mapping[str, Any] = field(default_factory=dict)
    output: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped(Event):
    """Best kept: stopped by the user, or by what ``code`` and ``params`` say."""

    type: ClassVar[str] = "Stopped"
    terminal: ClassVar[bool] = True
    metrics: Mapping[str, Any] = field(default_factory=dict)
    output: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(Event):
    """There is a checkpoint, the device is free, the process over: as the user wished, or because of what
    ``code`` and ``params`` say."""

    type: ClassVar[str] = "Paused"
    terminal: ClassVar[bool] = True
    step: int = 0
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(Event):
    """Given up by the user; nothing kept."""

    type: ClassVar[str] = "Cancelled"
    terminal: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Event):
    """A message code with its parameters; ``traceback`` only for our own bugs."""

    type: ClassVar[str] = "Failed"
    terminal: ClassVar[bool] = True
    code: str = "INTERNAL"
    params: Mapping[str, Any] = field(default_factory=dict)
    traceback: str = ""


EVENTS: dict[str, type[Event]] = {
    kind.type: kind
    for kind in (
        Started, Preparing, Read, Progress, Evaluated, Filled, CheckpointSaved, Trial, Warned, Written,
        Finished, Stopped, Paused, Cancelled, Failed,
    )
}  # fmt: skip

_FIELDS = {
    kind: {f.name: str(f.type).partition("[")[0] for f in dataclasses.fields(kind)}
    for kind in EVENTS.values()
}

COMMANDS = ("pause", "stop", "cancel")


def event_to_line(event: Event) -> bytes:
    """One line of UTF-8 JSON with its line feed."""
    values = {"type": event.type, **dataclasses.asdict(event)}
    return (
        json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=list).encode("utf-8", "replace")
        + b"\n"
    )


def event_from_line(line: bytes | str) -> Event | None:
    """Reads one line; None for one to be skipped: unknown type, no JSON object, a field of a wrong kind, an
    evaluation without its figures.

    Unknown fields are dropped. Raises UserError ``PROTOCOL_TOO_NEW`` when a `Started` says a newer version.
    """
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, dict):
        return None
    kind = EVENTS.get(str(values.get("type")))
    if kind is None:
        return None
    if kind is Started and isinstance(values.get("v"), int) and values["v"] > PROTOCOL_VERSION:
        raise UserError("PROTOCOL_TOO_NEW", version=values["v"])
    known = _FIELDS[kind]
    found = {name: value for name, value in values.items() if name in known}
    if not all(_KINDS[known[name]](value) for name, value in found.items()):
        return None
    if not 0 <= found.get("at", 0) < _END_OF_DATES:
        return None
    if kind in (Evaluated, Filled) and not _has_figures(found, kind):
        return None
    return kind(**found)


_END_OF_DATES = 253_402_300_800
"""The year 10000, in seconds: no date can be made of it, nor of times before 1970 on every system."""


def _has_figures(evaluated: Mapping[str, Any], kind: type[Event]) -> bool:
    """Nothing may be shown as 0 that was never measured."""
    names = ("accuracy", "macro_f1") if kind is Evaluated else ("accuracy",)
    return "loss" in evaluated and all(0 <= evaluated.get(name, -1) <= 1 for name in names)


def _is_number(value: object) -> bool:
    # Beyond this no field has a meaning, and dates and durations made of it would fail.
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and _is_number(value)


_KINDS: dict[str, Callable[[object], bool]] = {
    "float": _is_number,
    "int": _is_integer,
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "Mapping": lambda value: isinstance(value, dict),
    "tuple": lambda value: isinstance(value, list),
}
"""What a value must be for a field whose annotation begins so; a line with another one is unreadable."""


def command_to_line(command: str) -> bytes:
    """A command as a line of ``commands.jsonl``."""
    if command not in COMMANDS:
        raise ValueError(command)
    return json.dumps({"v": PROTOCOL_VERSION, "command": command}).encode() + b"\n"


def command_from_line(line: bytes | str) -> str | None:
    """The command of a line, or None."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    command = values.get("command") if isinstance(values, dict) else None
    return command if command in COMMANDS else None
