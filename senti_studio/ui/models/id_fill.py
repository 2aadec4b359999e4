"""Fills a view (a packed array of row ids) piece by piece off the GUI thread."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal, Slot

from senti_studio.ui.operations import Failure, Operation, run_operation

Chunks = Callable[[], Iterator["array[int]"]]
"""Called in the worker thread; yields pieces of ids in the order of the view."""

_EVERY, _LATER, _SCREENS = 0.05, 0.25, 1000
"""Seconds between two pieces, until there are some screens full of rows, and from then on."""


@dataclass(frozen=True, slots=True)
class Filled:
    """Seconds until the first and until the last row was known; ``found``: places of the wanted ids."""

    count: int
    first_seconds: float
    seconds: float
    found: tuple[int, ...]


class _Piece(QObject):
    """Carries pieces over to the GUI thread; a child of nobody, so that the worker thread may emit safely."""

    ready = Signal(int, object)


class IdFill(QObject):
    """At most one filling at a time; a new one supersedes the one before, whose pieces are dropped."""

    grew = Signal(object)
    """array('q'): more ids."""
    ended = Signal(object)
    """`Filled`."""
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._turn = 0
        self._operation: Operation[Filled] | None = None
        self._piece = _Piece()
        self._piece.ready.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)

    @property
    def is_running(self) -> bool:
        return self._operation is not None

    def start(self, chunks: Chunks, *, wanted: frozenset[int] = frozenset()) -> None:
        """Begins; the places of the ``wanted`` ids are looked up on the way and come with `ended`."""
        self.stop()
        turn, piece = self._turn, self._piece

        def work() -> Filled:
            return _fill(
                chunks,
                wanted,
                is_current=lambda: self._turn == turn,
                send=lambda a: piece.ready.emit(turn, a),
            )

        self._operation = run_operation(self, work, on_success=self._end, on_failure=self._fail)

    def stop(self) -> None:
        """Drops the filling under way, if any; its thread ends at its next piece."""
        self._turn += 1
        if self._operation is not None:
            self._operation.drop()
            self._operation = None

    @Slot(int, object)
    def _pass_on(self, turn: int, ids: array[int]) -> None:
        if turn == self._turn:
            self.grew.emit(ids)

    def _end(self, filled: Filled) -> None:
        self._operation = None
        self.ended.emit(filled)

    def _fail(self, error: Failure) -> None:
        self._operation = None
        self.failed.emit(error)


def _fill(
    chunks: Chunks,
    wanted: frozenset[int],
    *,
    is_current: Callable[[], bool],
    send: Callable[[array[int]], None],
) -> Filled:
    """Sends the first piece at once, later ones gathered: the table need not hear of each small one."""
    begun = time.perf_counter()
    first: float | None = None
    last_sent = begun
    gathered = array("q")
    found: list[int] = []
    count = 0
    for chunk in chunks():
        if not is_current():
            break
        if wanted:
            found.extend(count + place for place, each in enumerate(chunk) if each in wanted)
        count += len(chunk)
        gathered.extend(chunk)
        now = time.perf_counter()
        if first is None or now - last_sent >= (_EVERY if count < _SCREENS else _LATER):
            first = now - begun if first is None else first
            last_sent = now
            send(gathered)
            gathered = array("q")
    if gathered and is_current():
        send(gathered)
    seconds = time.perf_counter() - begun
    return Filled(count, seconds if first is None else first, seconds, tuple(found))
