"""Tests in several processes at a time, and those marked ``alone`` with nobody beside them.

Each process holds the lock of its own place while it tests. A test that must be alone takes the places of
all; while it waits for them it holds the door, so that nobody else comes in first.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from senti_studio.file_lock import FileLock

LOOK_AGAIN_S = 0.005


class Turns:
    """The turns of one testing process called ``name`` among those that share ``folder``."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._door = folder / "door"
        self._place = folder / f"place-{name}"

    @contextmanager
    def beside_others(self) -> Iterator[None]:
        """Waits until no test that must be alone runs or waits."""
        with ExitStack() as place:
            with ExitStack() as door:
                _hold(door, self._door)
                _hold(place, self._place)
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Waits until no other test runs; none begins meanwhile."""
        with ExitStack() as held:
            _hold(held, self._door)
            for place in sorted(self._folder.glob("place-*")):
                _hold(held, place)
            yield


def _hold(stack: ExitStack, path: Path) -> None:
    lock = FileLock(path)
    pause = threading.Event()
    while not lock.acquire():
        pause.wait(LOOK_AGAIN_S)
    stack.callback(lock.release)
