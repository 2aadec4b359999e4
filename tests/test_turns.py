"""A test that must be alone waits for those that run, and lets nobody in before it."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from pathlib import Path

from turns import Turns


class Visit(threading.Thread):
    """One test in a process of its own, as the others see it."""

    def __init__(self, turn: AbstractContextManager[None]) -> None:
        super().__init__()
        self._turn = turn
        self.is_in, self.may_go = threading.Event(), threading.Event()
        self.start()

    def run(self) -> None:
        with self._turn:
            self.is_in.set()
            self.may_go.wait(30)

    def leave(self) -> None:
        self.may_go.set()
        self.join(30)


def test_alone_means_alone(tmp_path: Path) -> None:
    places = [Turns(tmp_path, f"gw{number}") for number in range(3)]
    first = Visit(places[0].beside_others())
    beside = Visit(places[1].beside_others())
    assert first.is_in.wait(30)
    assert beside.is_in.wait(30)
    alone = Visit(places[2].alone())
    beside.leave()
    assert not alone.is_in.wait(0.1), "the first still runs"
    later = Visit(places[1].beside_others())
    assert not later.is_in.wait(0.1), "who must be alone is next"
    first.leave()
    assert alone.is_in.wait(30)
    assert not later.is_in.wait(0.1)
    alone.leave()
    assert later.is_in.wait(30)
    later.leave()


def test_a_process_may_be_alone_twice_and_go_on_beside_others(tmp_path: Path) -> None:
    turns = Turns(tmp_path, "gw0")
    for turn in (turns.beside_others, turns.alone, turns.alone, turns.beside_others):
        with turn():
            pass
