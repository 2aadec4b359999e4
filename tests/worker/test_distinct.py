"""Counting different numbers: always what a set says, also behind the first spilled piece."""

from __future__ import annotations

import random
import tempfile

import pytest

from senti_studio.worker import distinct
from senti_studio.worker.distinct import Distinct


@pytest.mark.parametrize("held", [1, 7, 1000, 1 << 18])
def test_it_counts_as_a_set_does(monkeypatch: pytest.MonkeyPatch, held: int) -> None:
    monkeypatch.setattr(distinct, "_HELD", held)
    chance, seen, counted = random.Random(held), set(), Distinct()
    assert counted.count() == 0
    for _ in range(40):
        numbers = [
            chance.choice((chance.randint(-(2**63), 2**63 - 1), chance.randint(-3, 3))) for _ in range(97)
        ]
        numbers += [-(2**63), 2**63 - 1]
        counted.add(iter(numbers))
        seen.update(numbers)
    assert counted.total == 40 * 99
    assert counted.count() == len(seen)
    counted.add([2**40 + 1])
    assert counted.count() == len(seen | {2**40 + 1}), "counting ends nothing"


def test_without_room_for_a_file_it_counts_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(distinct, "_HELD", 100)
    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    counted = Distinct()
    counted.add(range(250))
    counted.add(range(300))
    assert (counted.total, counted.count()) == (550, 300)
