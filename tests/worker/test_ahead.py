"""Pages that are fetched ahead: the same pages, the same errors, and no thread that stays."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import count

import pytest

from senti_studio.errors import UserError
from senti_studio.worker.ahead import read_ahead


def _threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "pages ahead"]


def test_all_pages_come_in_their_order() -> None:
    with read_ahead(iter(range(1000))) as pages:
        assert list(pages) == list(range(1000))
    assert not _threads()


def test_what_goes_wrong_is_raised_behind_the_pages_before_it() -> None:
    def some() -> Iterator[str]:
        yield "第一页"
        raise UserError("DISK_FULL", path="/数据")

    taken: list[str] = []

    def take() -> None:
        with read_ahead(some()) as pages:
            taken.extend(pages)

    with pytest.raises(UserError) as raised:
        take()
    assert taken == ["第一页"]
    assert raised.value.code == "DISK_FULL"
    assert not _threads()


def test_who_stops_early_leaves_no_thread_and_few_pages_read() -> None:
    read: list[int] = []

    def endless() -> Iterator[int]:
        for number in count():
            read.append(number)
            yield number

    with read_ahead(endless(), most=3) as pages:
        assert [next(pages) for _ in range(5)] == [0, 1, 2, 3, 4]
    assert not _threads()
    assert len(read) < 20
