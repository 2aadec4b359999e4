"""Long work done beside, so that a run tells how far it is and hears its commands."""

from __future__ import annotations

import concurrent.futures
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TypeVar, overload

from senti_studio.jobs.protocol import Event, Preparing
from senti_studio.learning.evaluate import EVENT_INTERVAL_S

Watch = Callable[[int, int], None]
"""Told how much of how much (0: nobody knows) is done; what it raises ends the work."""

Result = TypeVar("Result")

_TEXTS_AT_ONCE = 256


class _NobodyWaitsError(Exception):
    """Nobody wants the result any more."""


class WatchedTexts(Sequence[str]):
    """Texts that say how far somebody has got with them, and stop who is no longer waited for."""

    def __init__(self, texts: Sequence[str], watch: Watch) -> None:
        self._texts, self._watch = texts, watch

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...

    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            self._watch(place.indices(len(self))[0], len(self))
        return self._texts[place]

    def __iter__(self) -> Iterator[str]:
        for number, text in enumerate(self._texts):
            if number % _TEXTS_AT_ONCE == 0:
                self._watch(number, len(self))
            yield text


def beside(
    stages: Sequence[str], total: int, work: Callable[[Watch], Result]
) -> Generator[Event, None, Result]:
    """The result of ``work``, with word of it ten times a second. Who closes the generator ends the work.

    ``stages``: what each pass of it is called, the last name stands for all further ones; a pass begins where
    what is done becomes less.
    """
    told, passes = [0, total], [0]
    over = threading.Event()

    def watch(done: int, of: int) -> None:
        if over.is_set():
            raise _NobodyWaitsError
        if done < told[0]:
            passes[0] += 1
        told[:] = done, of

    with concurrent.futures.ThreadPoolExecutor(1, "beside") as pool:
        result = pool.submit(work, watch)
        said = ""
        try:
            while True:
                stage = stages[min(passes[0], len(stages) - 1)]
                # What stands at 0 begins: the log has a line for it, and only one.
                yield Preparing(stage=stage, done=max(told[0], 1) if stage == said else 0, total=told[1])
                said = stage
                try:
                    return result.result(timeout=EVENT_INTERVAL_S)
                except TimeoutError:
                    continue
        finally:
            over.set()
