"""The rows of the shelf as the page shows them. No Qt."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from senti_studio.domain.encoder_forecast import length_of, seconds_to_train
from senti_studio.domain.encoder_memory import scratch_size, within
from senti_studio.domain.encoder_size import EncoderSize, Machine
from senti_studio.domain.encoders import SCRATCH, is_scratch
from senti_studio.domain.memory_forecast import TextSizes, forecast
from senti_studio.domain.training_options import TrainingOptions

Problem = tuple[str, Mapping[str, object]]


class Kind(enum.Enum):
    """Where an encoder is."""

    SHELF = enum.auto()
    FOLDER = enum.auto()
    """A folder elsewhere, which somebody named."""
    SCRATCH = enum.auto()
    ELSEWHERE = enum.auto()
    """In the cache of another program."""
    UNFINISHED = enum.auto()
    FUTURE = enum.auto()
    """An adaptation of this project has yet to make it."""
    GONE = enum.auto()
    """Named, and no longer there."""
    UNKNOWN = enum.auto()
    """Named, and not looked for yet."""


@dataclass(frozen=True, slots=True)
class EncoderRow:
    """``key``: what a training names it by, or the id of a hub where it is not on the shelf; sizes in bytes;
    ``chinese``: units of its ``vocabulary`` that hold a Chinese character; ``longest``: units that it reads
    at once, 0 no limit."""

    kind: Kind
    key: str
    name: str
    family: str = ""
    size: EncoderSize | None = None
    vocabulary: int = 0
    chinese: int = 0
    longest: int = 0
    licence: str = ""
    weights: str = ""
    bytes_there: int = 0
    bytes_in_all: int = 0
    place: str = ""
    is_shipped: bool = False
    is_at_work: bool = False
    problem: Problem | None = None
    formerly: tuple[str, ...] = ()
    """Names that it had before."""
    coming: str = ""
    """Of one that is not there yet: its adaptation is ``queued``, at work (``made``) or ``held``; ``place``
    is what that begins with."""

    @property
    def may_be_chosen(self) -> bool:
        kinds = (Kind.SHELF, Kind.FOLDER, Kind.SCRATCH, Kind.FUTURE)
        return self.kind in kinds and self.problem is None

    @property
    def may_be_adapted(self) -> bool:
        return self.may_be_chosen and self.kind is not Kind.FUTURE

    @property
    def may_be_removed(self) -> bool:
        """Or renamed."""
        return self.kind is Kind.SHELF and not self.is_shipped

    def is_called(self, key: str) -> bool:
        """Whether a training that names ``key`` means this one."""
        if self.kind is Kind.FUTURE:
            return key.lower() == self.key.lower()
        if self.kind is Kind.SHELF:
            from_hub = self.place if "/" in self.place and not self.place.startswith("/") else ""
            return key.lower() == self.name.lower() or (bool(from_hub) and key == from_hub)
        return self.kind not in (Kind.ELSEWHERE, Kind.UNFINISHED) and key == self.key


@dataclass(frozen=True, slots=True)
class ShelfView:
    """What this machine has; ``folders``: those elsewhere that were looked at, ``removed``: (name, bytes) of
    what can be brought back, the last removed first; ``future``: what adaptations have yet to make."""

    rows: tuple[EncoderRow, ...] = ()
    folders: Mapping[str, EncoderRow] = field(default_factory=dict)
    removed: tuple[tuple[str, int], ...] = ()
    endpoint: str = ""
    future: tuple[EncoderRow, ...] = ()

    @property
    def has_encoders(self) -> bool:
        return any(row.kind is Kind.SHELF for row in self.rows)

    def find(self, key: str) -> EncoderRow | None:
        """The encoder that a training names."""
        given = [*self.rows, *self.coming, *scratch_rows(), *self.folders.values()]
        once = [row for row in given if key in row.formerly]
        now = next((row for row in given if row.is_called(key)), None)
        return now or (once[0] if len(once) == 1 else None)

    @property
    def coming(self) -> tuple[EncoderRow, ...]:
        """What is not there yet, as far as it is known by what it is made from."""
        there = {row.name.lower() for row in self.rows}
        return tuple(self._like_source(row) for row in self.future if row.name.lower() not in there)

    def _like_source(self, row: EncoderRow) -> EncoderRow:
        given = [*self.rows, *self.folders.values()]
        source = next((each for each in given if each.is_called(row.place)), None)
        if source is None:
            return row
        return replace(row, family=source.family, size=source.size, longest=source.longest)

    def all_with(self, chosen: str) -> list[EncoderRow]:
        """The rows to be shown: those there are, what is built anew, and what is chosen wherever it is."""
        rows = [*self.rows, *self.coming, *scratch_rows()]
        if self.find(chosen) in rows:
            return rows
        return [self.folders.get(chosen, EncoderRow(Kind.UNKNOWN, chosen, chosen)), *rows]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a training on an encoder takes: memory in bytes, seconds (0 unknown); ``batch``: the largest one
    of those that are tried which fits, 0 none; ``runs``: how many earlier trainings say how long it takes, 0:
    a short measurement of the processor."""

    memory: int
    seconds: float
    total: int
    batch: int
    runs: int = 0


def scratch_rows() -> tuple[EncoderRow, ...]:
    """The encoders that are built anew for each training."""
    return tuple(EncoderRow(Kind.SCRATCH, name, name) for name in SCRATCH)


def size_of(row: EncoderRow, texts: TextSizes) -> EncoderSize | None:
    """How large it is; of one that is built anew, for these texts."""
    key = row.place if row.kind is Kind.FUTURE else row.key
    return scratch_size(key, texts.characters) if is_scratch(key) else row.size


def expected(
    row: EncoderRow,
    options: TrainingOptions,
    texts: TextSizes,
    machine: Machine,
    *,
    judged: int,
    classes: int = 2,
) -> Expected | None:
    """What one training takes with this encoder in the place of the chosen one; None where that is not
    known. ``judged``: rows of the validation part."""
    size = size_of(row, texts)
    if size is None or not texts.rows:
        return None
    options = within(replace(options, encoder=row.key), size)

    def memory(batch: int) -> int:
        given = replace(options, batch_size=batch)
        return forecast("bert", given, texts, classes=classes, encoder=size).of(machine.device)

    length, windows = length_of(texts, options)
    time = seconds_to_train(
        size, machine, options, rows=texts.rows, judged=judged, length=length, windows=windows
    )
    tried = _batches(options.batch_size)
    room = 0.9 * machine.memory if machine.memory > 0 else float("inf")
    fitting = next((batch for batch in tried if memory(batch) < room), 0)
    return Expected(memory(options.batch_size), time.seconds, machine.memory, fitting, time.runs)


def _batches(wanted: int) -> Sequence[int]:
    return (wanted, *(each for each in (64, 32, 16, 8, 4, 2, 1) if each < wanted))
