"""One run at a time on a graphics card: the next one waits for its turn, whoever started it."""

from __future__ import annotations

import time
from collections.abc import Callable

from senti_studio.file_lock import FileLock
from senti_studio.jobs.protocol import Preparing
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.paths import runtime_folder

POLL_S = 0.5

_held: dict[str, FileLock] = {}
"""Turns that this process has; the system ends them with it, however it ends."""


def take_turn(card: str, folder: RunFolder, is_over: Callable[[], bool]) -> bool:
    """Waits until no other run has the graphics card ``card``; False when ``is_over`` came first.

    An empty ``card`` is no graphics card: processors share themselves.
    """
    if not card or card in _held:
        return True
    name = "".join(letter if letter.isalnum() else "-" for letter in card)
    lock = FileLock(runtime_folder() / f"card-{name}.lock")
    told = False
    while not lock.acquire():
        if is_over():
            return False
        if not told:
            folder.append_event(Preparing(stage="waiting"))
            told = True
        time.sleep(POLL_S)
    _held[card] = lock
    return True
