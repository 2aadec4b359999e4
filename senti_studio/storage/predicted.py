"""What models said of comments: packed files in ``cache/``, written by the helper that reads batches."""

from __future__ import annotations

import json
import threading
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from senti_studio.domain.comments import PredictedLabel

FILE = "predictions.bin"
_NONE = -1


@dataclass(frozen=True, slots=True)
class Stretch:
    """Predictions of comments with consecutive ids: ``labels`` holds ids of labels (-1: none)."""

    first_id: int
    labels: array[int]
    confidences: array[float]


class Predicted:
    """The newest prediction of every comment that has one; `load` reads it, nothing is known before."""

    def __init__(self, cache_folder: Path) -> None:
        self.path = cache_folder / FILE
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._stretches: list[Stretch] = []
        self._starts: list[int] = []
        self.made_of: tuple[str, ...] = ()
        """Stamps of the batches that were read (see `operations.predictions`)."""

    def load(self) -> bool:
        """Reads the file if it is there and new; True when something changed."""
        with self._lock:
            try:
                status = self.path.stat()
                stamp = (status.st_mtime_ns, status.st_size)
                if stamp == self._stamp:
                    return False
                with self.path.open("rb") as file:
                    made_of, stretches = read(file)
            except (OSError, ValueError, EOFError, KeyError):
                changed = bool(self._stretches)
                self._stretches, self._starts, self._stamp, self.made_of = [], [], None, ()
                return changed
            stretches.sort(key=lambda each: each.first_id)
            self._starts = [each.first_id for each in stretches]
            self._stretches, self._stamp, self.made_of = stretches, stamp, made_of
            return True

    def of(self, comment_id: int) -> PredictedLabel | None:
        """The prediction of one comment."""
        stretch, index = self._place(comment_id)
        return None if stretch is None else PredictedLabel(stretch.labels[index], stretch.confidences[index])

    def label_id(self, comment_id: int) -> int | None:
        """As `of`, the label only."""
        stretch, index = self._place(comment_id)
        return None if stretch is None else stretch.labels[index]

    def _place(self, comment_id: int) -> tuple[Stretch | None, int]:
        place = bisect_right(self._starts, comment_id) - 1
        if place < 0:
            return None, 0
        stretch = self._stretches[place]
        index = comment_id - stretch.first_id
        is_there = index < len(stretch.labels) and stretch.labels[index] != _NONE
        return (stretch if is_there else None), index

    @property
    def count(self) -> int:
        """Comments with a prediction."""
        return sum(len(each.labels) - each.labels.count(_NONE) for each in self._stretches)


def write(file: BinaryIO, made_of: tuple[str, ...], stretches: list[Stretch]) -> None:
    """A line of JSON that says what follows, then the packed numbers of each stretch."""
    head = {"batches": made_of, "stretches": [[each.first_id, len(each.labels)] for each in stretches]}
    file.write(json.dumps(head).encode() + b"\n")
    for each in stretches:
        each.labels.tofile(file)
        each.confidences.tofile(file)


def read(file: BinaryIO) -> tuple[tuple[str, ...], list[Stretch]]:
    """Raises ValueError, KeyError or EOFError for a file that is not whole."""
    head = json.loads(file.readline())
    stretches = []
    for first_id, count in head["stretches"]:
        labels, confidences = array("h"), array("f")
        labels.fromfile(file, count)
        confidences.fromfile(file, count)
        stretches.append(Stretch(first_id, labels, confidences))
    return tuple(head["batches"]), stretches
