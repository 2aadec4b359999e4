"""Fetches the next pages while the present one is worked on."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from senti_studio.worker.turns import short_turns

T = TypeVar("T")

PAGES_AHEAD = 3


@dataclass(frozen=True, slots=True)
class _End:
    """The last thing that comes: nothing more, or why there is no more."""

    error: BaseException | None = None


class _Ahead(Generic[T]):
    def __init__(self, pages: Iterator[T], most: int) -> None:
        self._pages = pages
        self._queue: queue.Queue[T | _End] = queue.Queue(most)
        self._is_over = threading.Event()
        self.thread = threading.Thread(target=self._fetch, name="pages ahead", daemon=True)

    def __iter__(self) -> Iterator[T]:
        while not isinstance(page := self._queue.get(), _End):
            yield page
        if page.error is not None:
            raise page.error

    def give_up(self) -> None:
        """Lets the thread end, wherever it is."""
        self._is_over.set()
        while self.thread.is_alive():
            try:
                self._queue.get(timeout=0.05)
            except queue.Empty:
                continue
        self.thread.join()

    def _fetch(self) -> None:
        end = _End()
        try:
            for page in self._pages:
                self._queue.put(page)
                if self._is_over.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - raised again where the pages are taken
            end = _End(error)
        self._queue.put(end)


@contextmanager
def read_ahead(pages: Iterator[T], *, most: int = PAGES_AHEAD) -> Iterator[Iterator[T]]:
    """The same pages, fetched by a thread of its own, up to ``most`` of them ahead; what fetching raises is
    raised where the page is taken. The thread has ended when the block ends."""
    ahead = _Ahead(pages, most)
    with short_turns():
        ahead.thread.start()
        try:
            yield iter(ahead)
        finally:
            ahead.give_up()
