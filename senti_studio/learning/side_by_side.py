"""Work on the parts of a batch at the same time, each part on its own share of the processor's cores.

A recurrent net is a long row of small products: more threads for each of them bring little, more rows beside
each other nearly all. A part is never so small that its products become slow.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

import torch

from senti_studio.learning.batches import Rows
from senti_studio.learning.cores import Places

Given = TypeVar("Given")
Found = TypeVar("Found")

_TURN = threading.Lock()
"""Held while a caller's share of the cores is that of a part: torch gives the number that one thread was set
last to every thread that asks for the first time."""


def parts_of(rows: Rows, device: torch.device, smallest: int) -> list[Rows]:
    """Rows in their order, dealt to as many parts as the cores bear, of at least ``smallest`` rows; one where
    another device computes."""
    with _TURN:
        most = torch.get_num_threads() if device.type == "cpu" else 1
    count = max(1, min(most, len(rows) // smallest))
    return [rows[number::count] for number in range(count)]


def each(work: Callable[[Given], Found], parts: Iterable[Given]) -> list[Found]:
    """``work`` on every part, at the same time, in the order of the parts; the first is done by the caller,
    and all where there are no threads to be had. Threads that call at the same time take turns.

    Raises what the first of the parts raised that failed, when all are over."""
    given = list(parts)
    if len(given) == 1:
        return [work(given[0])]
    with _TURN:
        cores = torch.get_num_threads()
        helpers = _helpers_at_hand(len(given) - 1, max(1, cores // len(given)))
        if helpers:
            return _each(work, given, helpers, cores)
    return [work(part) for part in given]


def _each(
    work: Callable[[Given], Found], given: list[Given], helpers: list[_Helper], cores: int
) -> list[Found]:
    places = Places([helper.thread for helper in helpers])
    futures = [helper.pool.submit(work, part) for helper, part in zip(helpers, given[1:], strict=True)]
    found: list[Found] = []
    try:
        torch.set_num_threads(max(1, cores // len(given)))
        try:
            found.append(work(given[0]))
        finally:
            torch.set_num_threads(cores)
            late = zip(helpers, futures, strict=True)
            places.give_mine([helper.thread for helper, future in late if not future.done()])
            wait(futures)
        return found + [future.result() for future in futures]
    finally:
        # The error of a part holds this frame: it would hold the error, and the tensors of the pass with it.
        futures.clear()
        found.clear()


@dataclass(frozen=True, slots=True)
class _Helper:
    """A thread, and how it is given work."""

    pool: ThreadPoolExecutor
    thread: threading.Thread


def _helpers_at_hand(count: int, cores: int) -> list[_Helper]:
    """None where no thread can be begun, or, while the program ends, those that there were have ended."""
    try:
        helpers = [_helper(number, cores) for number in range(count)]
    except RuntimeError:
        return []
    return helpers if all(helper.thread.is_alive() for helper in helpers) else []


@functools.cache
def _helper(number: int, cores: int) -> _Helper:
    """One of the threads with so many cores each; batches of other numbers of parts share them."""

    def begin() -> None:
        # Asked for first: a thread that was not asked yet takes the number of the process later on.
        torch.get_num_threads()
        torch.set_num_threads(cores)

    before = torch.get_num_threads()
    pool = ThreadPoolExecutor(1, f"part-{number}", initializer=begin)
    helper = _Helper(pool, pool.submit(threading.current_thread).result())
    # The number of every thread to come, which torch keeps beside that of each one that is there.
    torch.set_num_threads(before)
    return helper


def _begin_anew() -> None:
    """In a copy of the process, which has the calling thread alone."""
    global _TURN
    _TURN = threading.Lock()
    _helper.cache_clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
