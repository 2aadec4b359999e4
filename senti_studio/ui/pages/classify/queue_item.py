"""What the queue knows of one file. Plain values, no Qt."""

from __future__ import annotations

import enum
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from senti_studio.domain.eight_bits import EIGHT, WHOLE
from senti_studio.domain.importing import COMMENT_ENDINGS, ReadOptions


@dataclass(frozen=True, slots=True)
class WantedNumbers:
    """In which numbers files are classified; ``insists``: whatever is lost by it."""

    precision: str = WHOLE
    insists: bool = False

    @classmethod
    def eight(cls, *, insists: bool) -> WantedNumbers:
        return cls(EIGHT, insists)


class ItemState(enum.StrEnum):
    """Where a file stands; `READY` and before are ours alone, the rest has a run folder."""

    LOOKING = "looking"
    PROBLEM = "problem"
    READY = "ready"
    WAITING = "waiting"
    PREPARING = "preparing"
    RUNNING = "running"
    WRITING = "writing"
    STOPPING = "stopping"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_at_work(self) -> bool:
        """A worker is, or will in a moment be, at it."""
        return self in (ItemState.PREPARING, ItemState.RUNNING, ItemState.WRITING, ItemState.STOPPING)

    @property
    def can_go_on(self) -> bool:
        """Resumable from the last whole part."""
        return self in (ItemState.PAUSED, ItemState.INTERRUPTED)


_PLACE_CODES = frozenset(
    (
        "OUTPUT_FOLDER_REFUSES", "OUTPUT_FOLDER_MISSING", "OUTPUT_EXISTS", "OUTPUT_IN_PROJECT",
        "OUTPUT_NOT_A_FILE", "OUTPUT_NAME_TOO_LONG", "DISK_FULL", "NO_PERMISSION",
    )
)  # fmt: skip
_CHANGED_CODES = frozenset(("FILE_CHANGED", "BATCH_DAMAGED", "NO_TEXT_COLUMN", "NO_SUCH_COLUMN"))


@dataclass(slots=True)
class QueueItem:
    """One file of the queue. ``text_column`` is an index; ``rows`` is 0 until the file was counted;
    ``sheets``: all of a workbook, of which ``options`` name one.

    ``encoding``: in which its batch writes the classified file; "" while it has none.
    ``wish``: what was asked of its run (``pause`` | ``cancel``); ``may_force``: it has not answered;
    ``is_silent``: its worker lives and gives no sign of life, so it would not hear. ``tries_again``: it
    failed and waits for another start, which goes on from the rows that are done.
    """

    number: int
    path: Path
    state: ItemState = ItemState.LOOKING
    options: ReadOptions | None = None
    columns: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    text_column: int | None = None
    source_id: int | None = None
    rows: int = 0
    rows_done: int = 0
    rows_per_s: float = 0.0
    eta: float = -1.0
    elapsed: float = 0.0
    label_rows: Mapping[str, int] = field(default_factory=dict)
    blank_rows: int = 0
    batch_id: str = ""
    model_name: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    encoding: str = ""
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    output: Mapping[str, Any] = field(default_factory=dict)
    wish: str = ""
    may_force: bool = False
    is_silent: bool = False
    tries_again: bool = False

    def forget_batch(self) -> None:
        """Ready once more, as if it had never been started."""
        self.batch_id, self.encoding, self.rows_done, self.label_rows, self.elapsed = "", "", 0, {}, 0.0
        self.wish, self.may_force, self.is_silent, self.tries_again = "", False, False, False
        self.state = ItemState.READY

    @property
    def ends_in_force(self) -> bool:
        """Nothing but force helps at present."""
        return self.is_silent or (self.state is ItemState.STOPPING and self.may_force)

    @property
    def can_try_again(self) -> bool:
        """It failed, and what it needs is known; of a damaged run folder nothing is."""
        return self.state in (ItemState.PROBLEM, ItemState.FAILED) and self.code != "RUN_DAMAGED"

    @property
    def is_refused_its_place(self) -> bool:
        """It failed because the classified CSV could not be written where it was to be."""
        is_place = self.code in _PLACE_CODES and self.params.get("path") != str(self.path)
        return is_place and self.can_try_again

    @property
    def needs_new_start(self) -> bool:
        """It failed because file or model is no longer what the rows done so far were made of."""
        return self.code in _CHANGED_CODES or self.code.startswith("MODEL_")

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def share(self) -> float:
        """How much is done, 0 … 1."""
        if self.state is ItemState.DONE:
            return 1.0
        return min(1.0, self.rows_done / self.rows) if self.rows else 0.0

    @property
    def output_path(self) -> Path | None:
        """The classified CSV, once it was written."""
        path = str(self.output.get("path", ""))
        return Path(path) if path else None


@dataclass(frozen=True, slots=True)
class Totals:
    """The whole queue: rows of the files that are ready, under way or done; ``eta`` -1 while unknown."""

    rows: int
    done: int
    rows_per_s: float
    eta: float
    ready: int
    at_work: int
    waiting: int

    @property
    def share(self) -> float:
        return min(1.0, self.done / self.rows) if self.rows else 0.0


_COUNTED = frozenset(
    (
        ItemState.READY, ItemState.WAITING, ItemState.PREPARING, ItemState.RUNNING, ItemState.WRITING,
        ItemState.STOPPING, ItemState.PAUSED, ItemState.INTERRUPTED, ItemState.DONE,
    )
)  # fmt: skip


def totals(items: Iterable[QueueItem]) -> Totals:
    """Sums over the queue."""
    counted = [item for item in items if item.state in _COUNTED]
    rows = sum(item.rows for item in counted)
    done = sum(item.rows if item.state is ItemState.DONE else item.rows_done for item in counted)
    at_work = [item for item in counted if item.state.is_at_work]
    speed = sum(item.rows_per_s for item in at_work if item.state is ItemState.RUNNING and not item.is_silent)
    to_come = sum(
        item.rows - item.rows_done
        for item in counted
        if item.state.is_at_work or item.state is ItemState.WAITING
    )
    return Totals(
        rows,
        done,
        speed,
        to_come / speed if speed > 0 else -1.0,
        sum(item.state is ItemState.READY for item in counted),
        len(at_work),
        sum(item.state is ItemState.WAITING for item in counted),
    )


def free_output(source: Path, folder: Path | None, suffix: str) -> Path:
    """``原名_已分类.csv`` in ``folder`` (else beside the source), numbered so that nothing is overwritten."""
    place = folder if folder is not None else source.parent
    stem = source.name
    for ending in (".gz", *(ending for ending in COMMENT_ENDINGS if ending != ".gz")):
        stem = stem[: -len(ending)] if stem.lower().endswith(ending) else stem
    path = place / f"{stem}{suffix}.csv"
    number = 2
    while os.path.exists(path):  # noqa: PTH110 - False, not an error, where one may not look
        path = place / f"{stem}{suffix} ({number}).csv"
        number += 1
    return path
