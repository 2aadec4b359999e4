"""Which helper of a thread works on which core, where there is one for each of them and no further (Linux;
elsewhere, and with cores to spare, the system's own choice is left alone).

A scheduler deals time out fairly, which is not what threads want that wait for each other: beside a program
that keeps one of the cores busy, two of them may share the other core, or the last one at work goes on
sharing a core while the one beside it is idle.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import threading
import time
from collections.abc import Sequence

_HELD_UP = 0.75
"""Who got less of a core's time than this shares it with another program."""


class Places:
    """The cores of some helpers of the calling thread, which do about as much as it does: each begins on a
    core of its own."""

    def __init__(self, helpers: Sequence[threading.Thread]) -> None:
        self._begun = time.perf_counter()
        self._before: dict[threading.Thread, float] = {}
        self._cores: dict[threading.Thread, int] = {}
        self._mine = _this_core()
        if sys.platform != "linux":
            return
        cores = os.sched_getaffinity(0)
        if len(cores) != len(helpers) + 1 or self._mine not in cores:
            for helper in helpers:  # which may have had a core of its own for another number of parts
                _move(helper, cores)
            return
        self._cores = dict(zip(helpers, cores - {self._mine}, strict=True))
        for helper, core in self._cores.items():
            _move(helper, {core})
        with contextlib.suppress(OSError):  # a system without such clocks
            self._before = {helper: _time_of(helper) for helper in helpers}

    def give_mine(self, at_work: Sequence[threading.Thread]) -> None:
        """The caller has done its part and is about to wait: of the helpers still at work, the one furthest
        behind goes on in its place, if something holds it up."""
        had = {
            helper: _time_of(helper) - self._before[helper] for helper in at_work if helper in self._before
        }
        if not had:
            return
        last = min(had, key=had.__getitem__)
        if had[last] < _HELD_UP * (time.perf_counter() - self._begun):
            here = _this_core()
            # The system may have moved the caller to where the helper is.
            _move(last, {self._mine if here == self._cores[last] else here})


def _this_core() -> int:
    """-1 where the C library does not tell."""
    ask = getattr(ctypes.CDLL(None), "sched_getcpu", None)
    return -1 if ask is None else int(ask())


def _move(thread: threading.Thread, cores: set[int]) -> None:
    # A core may be taken away from the program at any time; then the thread stays where it is.
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.sched_setaffinity(thread.native_id or 0, cores)


def _time_of(thread: threading.Thread) -> float:
    """Seconds that some core has worked for this thread."""
    return time.clock_gettime(time.pthread_getcpuclockid(thread.ident or 0))
