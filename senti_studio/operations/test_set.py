"""The frozen test set: random comments that are set aside, so that quality can be told honestly."""

from __future__ import annotations

import random
import secrets
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from senti_studio.errors import UserError
from senti_studio.storage.project import Project
from senti_studio.storage.test_sets import TestCounts

MOST = 200
SHARE = 0.10
"""A test set holds so many comments, or this share of a small project."""
FEWEST = 10
"""Fewer comments say nothing."""
_LARGEST_GROUP = 20
"""A group of copies that would make more than a twentieth of the test set stays outside, whole."""

Stop = Callable[[], bool]


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class TestSetFacts:
    """``later``: comments of files that came after the test set was drawn; 0 without a test set. ``at_once``:
    how many of the labels were given to many comments in one stroke, which may make quality look better than
    it is."""

    __test__ = False

    counts: TestCounts
    comments: int
    later: int
    at_once: int = 0

    @property
    def is_there(self) -> bool:
        return self.counts.total > 0

    @property
    def proposed(self) -> int:
        """How many comments a new test set would have; 0: the project is too small for one."""
        return size_for(self.comments)


def size_for(comments: int) -> int:
    """How many of so many comments a test set takes: 200, or a tenth; 0 where that would say nothing."""
    wanted = min(MOST, round(comments * SHARE))
    return wanted if wanted >= FEWEST else 0


def facts(project: Project) -> TestSetFacts:
    """A few rows are read."""
    drawn_at = project.test_sets.drawn_at()
    counts = project.test_sets.counts()
    later = at_once = 0
    if counts.labelled:
        at_once = project.test_sets.labelled_at_once()
    if counts.total and drawn_at is not None:
        later = sum(each.row_count for each in project.sources.list() if each.imported_at > drawn_at)
    return TestSetFacts(counts, project.comments.counts().total, later, at_once)


def set_aside(project: Project, *, count: int = 0, seed: int | None = None, stop: Stop = _never) -> int:
    """Draws a new test set, in whole groups of copies and near-copies, and returns how many comments it
    holds.

    ``count`` 0 takes what `size_for` says. Labelled and unlabelled comments have the same chance; excluded
    ones have none. Raises UserError ``TEST_SET_TOO_SMALL`` and ``CANCELLED``; the one before stays then.
    """
    pool = _Pool(project, stop)
    wanted = count or size_for(len(pool))
    if wanted < 1 or wanted > len(pool):
        raise UserError("TEST_SET_TOO_SMALL", count=len(pool), least=round(FEWEST / SHARE))
    drawn = pool.draw(wanted, range(len(pool)), frozenset(), random.Random(_seed(seed)))
    project.test_sets.draw(drawn)
    return len(drawn)


def extend(project: Project, *, seed: int | None = None, stop: Stop = _never) -> int:
    """Adds comments of the files that came after the test set was drawn, as large a share of them as it has
    of the older ones, and all copies of what it holds; returns how many came. Raises UserError as `set_aside`
    does."""
    drawn_at, before = project.test_sets.drawn_at(), project.test_sets.visible()
    pool = _Pool(project, stop)
    later = [each for each in project.sources.list() if drawn_at is not None and each.imported_at > drawn_at]
    stretches = sorted(each for source in later for each in project.comments.stretches(source.id))
    starts = [first for first, _ in stretches]

    def is_new(comment_id: int) -> bool:
        place = bisect_right(starts, comment_id) - 1
        return place >= 0 and comment_id <= stretches[place][1]

    places = [place for place, comment_id in enumerate(pool.ids) if is_new(comment_id)]
    share = len(before) / max(1, len(pool) - len(places))
    drawn = pool.draw(round(len(places) * share), places, before, random.Random(_seed(seed)))
    project.test_sets.draw(drawn)
    return len(drawn - before)


def remove(project: Project) -> frozenset[int]:
    """There is no test set from now on; returns what it held, for `put_back`."""
    before = project.test_sets.current()
    project.test_sets.draw(())
    return before


def put_back(project: Project, ids: Iterable[int]) -> None:
    """Makes the test set what it was; every version stays in the project."""
    project.test_sets.draw(ids)


def _seed(seed: int | None) -> int:
    return secrets.randbits(48) if seed is None else seed


class _Pool:
    """All comments that may be drawn, and which of them come together."""

    def __init__(self, project: Project, stop: Stop) -> None:
        self.ids, self._keys, self._groups = array("q"), array("q"), array("q")
        for ids, keys, groups in project.test_sets.kin(stop):
            self.ids.extend(ids)
            self._keys.extend(keys)
            self._groups.extend(groups)
        if stop():
            raise UserError("CANCELLED")

    def __len__(self) -> int:
        return len(self.ids)

    def draw(
        self, count: int, places: range | list[int], before: frozenset[int], chance: random.Random
    ) -> frozenset[int]:
        """``before`` with all its copies, and about ``count`` more, drawn from ``places``."""
        sample = chance.sample(places, min(len(places), 4 * count + 50))
        old = [place for place, comment_id in enumerate(self.ids) if comment_id in before] if before else []
        leader = self._related([*old, *sample])
        members: dict[int, list[int]] = {}
        for place in leader:
            members.setdefault(_root(leader, place), []).append(place)
        chosen = {_root(leader, place) for place in old}
        missing, most = count, max(3, count // _LARGEST_GROUP)
        for place in sample:
            root = _root(leader, place)
            size = len(members[root])
            if root not in chosen and size <= min(most, 2 * missing - 1):
                chosen.add(root)
                missing -= size
            if missing <= 0:
                break
        found = {self.ids[place] for root in chosen for place in members[root]}
        return frozenset(found | before)

    def _related(self, places: list[int]) -> dict[int, int]:
        """All places that come together with these, each with one that leads to the head of its group."""
        leader = dict.fromkeys(places, -1)
        keys: dict[int, int] = {}
        groups: dict[int, int] = {}
        for place in places:
            self._join(leader, place, keys, groups)
        size = -1
        while size != len(keys) + len(groups):  # a copy may be a near-copy of others, and these have copies
            size = len(keys) + len(groups)
            for place, (key, group) in enumerate(zip(self._keys, self._groups, strict=True)):
                if (key in keys or group in groups) and place not in leader:
                    leader[place] = -1
                    self._join(leader, place, keys, groups)
        return leader

    def _join(self, leader: dict[int, int], place: int, keys: dict[int, int], groups: dict[int, int]) -> None:
        for known, value in ((keys, self._keys[place]), (groups, self._groups[place])):
            if known is groups and value < 0:
                continue
            one, other = _root(leader, place), _root(leader, known.setdefault(value, place))
            if one != other:
                leader[max(one, other)] = min(one, other)


def _root(leader: dict[int, int], place: int) -> int:
    while leader[place] >= 0:
        place = leader[place]
    return place
