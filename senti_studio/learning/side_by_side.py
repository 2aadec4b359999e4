"""Work on the parts of a batch at the same time, each part on its own share of the processor's cores.

A recurrent net is a long row of small products: more threads for each of them bring little, more rows beside
each other nearly all. A part is never so small that its products become slow.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

import torch

from senti_studio.learning.batches import Rows

Given = TypeVar("Given")
Found = TypeVar("Found")


def parts_of(rows: Rows, device: torch.device, smallest: int) -> list[Rows]:
    """Rows in their order, dealt to as many parts as the cores bear, of at least ``smallest`` rows; one where
    another device computes."""
    most = torch.get_num_threads() if device.type == "cpu" else 1
    count = max(1, min(most, len(rows) // smallest))
    return [rows[number::count] for number in range(count)]


def each(work: Callable[[Given], Found], parts: Iterable[Given]) -> list[Found]:
    """``work`` on every part, at the same time, in the order of the parts. Raises what the first of them
    raised that failed, when all are over."""
    given = list(parts)
    if len(given) == 1:
        return [work(given[0])]
    futures = [_threads(len(given), torch.get_num_threads()).submit(work, part) for part in given]
    wait(futures)
    try:
        return [future.result() for future in futures]
    finally:
        # The error of a part holds this frame: it would hold the error, and the tensors of the pass with it.
        futures.clear()


@functools.cache
def _threads(parts: int, cores: int) -> ThreadPoolExecutor:
    """Threads that share the cores; all of them are there when this returns."""
    together = threading.Barrier(parts + 1)

    def begin() -> None:
        # Asked for first: a thread that was not asked yet takes the number of the process later on.
        torch.get_num_threads()
        torch.set_num_threads(max(1, cores // parts))
        together.wait()

    pool = ThreadPoolExecutor(parts, "part", initializer=begin)
    for _ in range(parts):
        pool.submit(int)
    together.wait()
    # The number of every thread to come, which torch keeps beside that of each one that is there.
    torch.set_num_threads(cores)
    return pool
