"""What a labelling queue holds, and in which order."""

from __future__ import annotations

import dataclasses
import enum

from senti_studio.domain.assisting import QueueKind
from senti_studio.domain.comments import CommentFilter, Order, Predictions, Sorting, SortKey


class Tab(enum.StrEnum):
    """The status queues."""

    OPEN = "open"
    LABELLED = "labelled"
    SKIPPED = "skipped"
    FLAGGED = "flagged"
    MISTAKES = "mistakes"
    PAIRS = "pairs"


REVIEW_TABS = (Tab.MISTAKES, Tab.PAIRS)
"""Fixed lists that are looked through; they are no queues and have a part of the page of their own."""


class Kind(enum.StrEnum):
    """Queues that are more than a status and an order. None but its own holds comments of the test set."""

    PLAIN = "plain"
    USEFUL = "useful"
    """The assistant puts those first whose labels teach the most, with random ones among them."""
    DISAGREES = "disagrees"
    """Labels with which the assistant, or the chosen model, does not agree."""
    DOUBTFUL = "doubtful"
    """Of which the newest prediction is not sure."""
    COPIES = "copies"
    """The copies and near-copies of one comment."""
    TEST_SET = "test_set"


ORDINARY = frozenset({Kind.PLAIN, Kind.USEFUL, Kind.DOUBTFUL})
"""Queues of comments that are new to who labels: others may come between them."""
RANKED = {Kind.USEFUL: QueueKind.USEFUL, Kind.DISAGREES: QueueKind.DISAGREES}
"""Queues whose order comes from the assistant."""


@dataclasses.dataclass(frozen=True, slots=True)
class View:
    """Which comments the queue holds, and in which order; ``around``: whose copies."""

    tab: Tab = Tab.OPEN
    order: Order = Order.FILE
    search: str = ""
    source_ids: frozenset[int] = frozenset()
    label_ids: frozenset[int] = frozenset()
    share_ids: frozenset[int] = frozenset()
    own: str = ""
    """The name of a person who labels independently: the queues are theirs alone."""
    kind: Kind = Kind.PLAIN
    around: int = 0

    @property
    def only_open(self) -> bool:
        """Whether labelling goes on to the next comment without a label, or simply to the next one."""
        return self.tab is Tab.OPEN and self.kind is not Kind.COPIES

    @property
    def is_sorted(self) -> bool:
        """Whether comments stand in the order of their ids."""
        return self.order is Order.FILE and self.kind in (Kind.PLAIN, Kind.COPIES, Kind.TEST_SET)

    @property
    def sorting(self) -> Order | Sorting:
        """The order for storage; what the assistant ranks goes before that."""
        return Sorting(SortKey.CONFIDENCE) if self.kind is Kind.DOUBTFUL else self.order

    @property
    def needs_whole_queue(self) -> bool:
        """Whether only the whole queue tells which of the ranked comments belong to it."""
        return bool(self.search or self.share_ids or self.own)

    @property
    def is_narrowed(self) -> bool:
        """A search or filter leaves comments out."""
        return bool(self.search or self.source_ids or self.label_ids or self.share_ids)

    @property
    def shows_disagreement(self) -> bool:
        """Whether this queue is about labels with which a model does not agree."""
        return self.kind is Kind.DISAGREES

    def question(self, all_labels: frozenset[int]) -> CommentFilter:
        """The filter for storage; `label_ids` narrow the queue of labelled comments only."""
        if self.kind is Kind.COPIES:
            return CommentFilter(
                group_of=self.around,
                source_ids=self.source_ids,
                share_ids=self.share_ids,
                search=self.search,
                test_set=False,
            )
        predictions = frozenset({Predictions.SOME} if self.kind is Kind.DOUBTFUL else ())
        if self.own and self.tab in (Tab.OPEN, Tab.LABELLED):
            return CommentFilter(
                annotators=frozenset({self.own}) if self.tab is Tab.LABELLED else frozenset(),
                not_by=self.own if self.tab is Tab.OPEN else "",
                source_ids=self.source_ids,
                share_ids=self.share_ids,
                search=self.search,
                predictions=predictions,
                test_set=self.kind is Kind.TEST_SET,
            )
        return CommentFilter(
            label_ids=(self.label_ids or all_labels) if self.tab is Tab.LABELLED else frozenset(),
            unlabelled=self.tab is Tab.OPEN,
            source_ids=self.source_ids,
            share_ids=self.share_ids,
            search=self.search,
            flagged=True if self.tab is Tab.FLAGGED else None,
            skipped={Tab.OPEN: False, Tab.SKIPPED: True}.get(self.tab),
            predictions=predictions,
            test_set=self.kind is Kind.TEST_SET,
        )
