"""Parts on cores of their own: who waits gives its core to whoever another program holds up."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest
import torch

from senti_studio.learning.side_by_side import each

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="needs Linux and two cores"
)

BUSY = "while True: pass"


@pytest.fixture(autouse=True)
def two_cores() -> Iterator[set[int]]:
    """The only ones that this process may use, and torch knows of."""
    allowed, threads = os.sched_getaffinity(0), torch.get_num_threads()
    two = set(sorted(allowed)[:2])
    os.sched_setaffinity(0, two)
    torch.set_num_threads(2)
    yield two
    torch.set_num_threads(threads)
    for thread in threading.enumerate():
        os.sched_setaffinity(thread.native_id or 0, allowed)


def test_a_helper_has_one_core_and_its_caller_keeps_its_choice(two_cores: set[int]) -> None:
    for _ in range(3):
        mine, its = each(lambda _: os.sched_getaffinity(0), range(2))
        assert mine == two_cores
        assert len(its) == 1
    assert os.sched_getaffinity(0) == two_cores


def test_whoever_is_held_up_goes_on_where_nobody_works_any_more() -> None:
    def work(number: int) -> tuple[set[int], set[int]]:
        if number == 0:
            time.sleep(0.5)
            return set(), set()
        first = os.sched_getaffinity(0)
        with subprocess.Popen([sys.executable, "-c", BUSY]) as busy:  # it has the core of who starts it
            end = time.monotonic() + 20
            while os.sched_getaffinity(0) == first and time.monotonic() < end:
                pass
            busy.kill()
        return first, os.sched_getaffinity(0)

    first, last = each(work, range(2))[1]
    assert len(last) == 1
    assert last != first


def test_who_waits_on_the_core_of_a_helper_gives_the_one_it_began_on(two_cores: set[int]) -> None:
    def work(number: int) -> tuple[set[int], set[int]]:
        if number == 0:
            os.sched_setaffinity(0, there.get(timeout=20))
            return set(), set()
        first = os.sched_getaffinity(0)
        there.put(first)
        time.sleep(0.2)  # gets no time of its core
        end = time.monotonic() + 20
        while os.sched_getaffinity(0) == first and time.monotonic() < end:
            time.sleep(0.01)
        return first, os.sched_getaffinity(0)

    there: queue.Queue[set[int]] = queue.Queue()
    first, last = each(work, range(2))[1]
    assert last == two_cores - first


def test_with_other_numbers_of_cores_the_system_chooses(two_cores: set[int]) -> None:
    os.sched_setaffinity(0, {min(two_cores)})
    for thread in threading.enumerate():
        os.sched_setaffinity(thread.native_id or 0, {min(two_cores)})
    mine, its = each(lambda _: os.sched_getaffinity(0), range(2))
    assert mine == its == {min(two_cores)}
