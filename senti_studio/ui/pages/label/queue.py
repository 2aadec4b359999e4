"""Which comment comes next: a place in a packed array of ids, and what was decided since it was filled."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice

_LATEST = 64
_LOOKED_FOR = 5


class Queue:
    """Decided comments stay in the array, so that going back finds them; going on steps over them."""

    def __init__(self, *, only_open: bool) -> None:
        self.only_open = only_open
        """Whether labelling goes on to the next *open* comment or simply to the next one."""
        self.ids = array("q")
        self.place = -1
        self._decided: dict[int, None] = {}
        self._put_first_to = 0
        """Where the comments end that were put in front; they stand a second time further on."""
        self._twice = 0

    @property
    def size(self) -> int:
        """How many different comments there are."""
        return len(self.ids) - self._twice

    def put_first(self, ids: Sequence[int]) -> None:
        """These come next, before all others, and in place of what was put in front before."""
        start = self.place + 1
        end = max(start, self._put_first_to)
        self.ids[start:end] = array("q", ids)
        self._twice += len(ids) - (end - start)
        self._put_first_to = start + len(ids)

    @property
    def first_left(self) -> int:
        """How many of the comments put in front are still to come."""
        return max(0, self._put_first_to - self.place - 1)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def current(self) -> int | None:
        """The comment id at the present place, or None."""
        return self.ids[self.place] if 0 <= self.place < len(self.ids) else None

    def append(self, ids: array[int]) -> None:
        self.ids.extend(ids)

    def close(self, comment_id: int) -> None:
        """The comment is decided: it is not offered again."""
        self._decided.pop(comment_id, None)
        self._decided[comment_id] = None

    def reopen(self, comment_id: int) -> None:
        """The decision was undone or failed."""
        self._decided.pop(comment_id, None)

    def reopen_all(self) -> None:
        """All decisions may have been undone; who comes up is looked at again."""
        self._decided.clear()

    def is_open(self, comment_id: int) -> bool:
        return comment_id not in self._decided

    def seek(self, comment_id: int, *, start: int = 0) -> bool:
        """Goes to a comment if it is at or after ``start``; True when found."""
        try:
            self.place = self.ids.index(comment_id, start)
        except ValueError:
            return False
        return True

    def follow(self, before: Queue) -> None:
        """Is to replace ``before``: what was decided there last may not be on the disk yet."""
        for comment_id in islice(reversed(before._decided), _LATEST):
            self._decided[comment_id] = None

    def take_place(self, comment_id: int, before: Queue, *, is_sorted: bool, is_there: bool = True) -> None:
        """Goes to where ``comment_id`` was in the queue ``before``, of which this one is a newer state.

        A comment that is not in it any more, decided for instance, is put in front of what comes next, so
        that going on and back lead where they would have led; one that is not there at all is not.
        ``is_sorted``: the order is that of the ids.
        """
        if is_there and self.seek(comment_id):
            return
        place = bisect_left(self.ids, comment_id) if is_sorted else self._place_before(before)
        if is_there:
            self.ids.insert(place, comment_id)
            self.place = place
        else:
            self.place = place - 1

    def _place_before(self, before: Queue) -> int:
        """The place of the first of the comments that follow in ``before``; the end without any."""
        for comment_id in before.ids[before.place + 1 : before.place + 1 + _LOOKED_FOR]:
            try:
                return self.ids.index(comment_id)
            except ValueError:
                continue
        return len(self.ids)

    def seek_near(self, comment_id: int) -> bool:
        """Like `seek`, but looks around the present place first: undo and history are mostly near."""
        low, high = max(0, self.place - 200), min(len(self.ids), self.place + 200)
        for place in range(high - 1, low - 1, -1):
            if self.ids[place] == comment_id:
                self.place = place
                return True
        return self.seek(comment_id)

    def step(self, by: int) -> int | None:
        """One place forward (1) or back (-1), decided or not; None at the end."""
        place = self.place + by
        if not 0 <= place < len(self.ids):
            return None
        self.place = place
        return self.ids[place]

    def step_open(self, by: int, *, wrap: bool = False) -> int | None:
        """The next open place in a direction; ``wrap`` looks from the other end too. None without any."""
        for place in self._places(by, wrap=wrap):
            if self.ids[place] not in self._decided:
                self.place = place
                return self.ids[place]
        return None

    def advance(self) -> int | None:
        """Where labelling goes on."""
        return self.step_open(1, wrap=True) if self.only_open else self.step(1)

    def upcoming(self, count: int) -> list[int]:
        """The ids that are probably shown next, the one before the present place last."""
        found: list[int] = []
        for place in range(self.place + 1, min(len(self.ids), self.place + 1 + 4 * count)):
            if not self.only_open or self.ids[place] not in self._decided:
                found.append(self.ids[place])
                if len(found) == count:
                    break
        if self.place > 0:
            found.append(self.ids[self.place - 1])
        return found

    def _places(self, by: int, *, wrap: bool) -> Iterator[int]:
        size = len(self.ids)
        yield from range(self.place + 1, size) if by > 0 else range(self.place - 1, -1, -1)
        if wrap:
            yield from range(min(self.place + 1, size)) if by > 0 else range(size - 1, self.place - 1, -1)
