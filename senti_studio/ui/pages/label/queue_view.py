"""What a labelling queue holds, and in which order."""

from __future__ import annotations

import dataclasses
import enum

from senti_studio.domain.comments import CommentFilter, Order


class Tab(enum.StrEnum):
    """The status queues."""

    OPEN = "open"
    LABELLED = "labelled"
    SKIPPED = "skipped"
    FLAGGED = "flagged"


@dataclasses.dataclass(frozen=True, slots=True)
class View:
    """Which comments the queue holds, and in which order."""

    tab: Tab = Tab.OPEN
    order: Order = Order.FILE
    search: str = ""
    source_ids: frozenset[int] = frozenset()
    label_ids: frozenset[int] = frozenset()
    share_ids: frozenset[int] = frozenset()
    own: str = ""
    """The name of a person who labels independently: the queues are theirs alone."""

    @property
    def is_narrowed(self) -> bool:
        """A search or filter leaves comments out."""
        return bool(self.search or self.source_ids or self.label_ids or self.share_ids)

    @property
    def shows_disagreement(self) -> bool:
        """Whether this queue is about labels with which a model does not agree."""
        return False

    def question(self, all_labels: frozenset[int]) -> CommentFilter:
        """The filter for storage; `label_ids` narrow the queue of labelled comments only."""
        if self.own and self.tab in (Tab.OPEN, Tab.LABELLED):
            return CommentFilter(
                annotators=frozenset({self.own}) if self.tab is Tab.LABELLED else frozenset(),
                not_by=self.own if self.tab is Tab.OPEN else "",
                source_ids=self.source_ids,
                share_ids=self.share_ids,
                search=self.search,
            )
        return CommentFilter(
            label_ids=(self.label_ids or all_labels) if self.tab is Tab.LABELLED else frozenset(),
            unlabelled=self.tab is Tab.OPEN,
            source_ids=self.source_ids,
            share_ids=self.share_ids,
            search=self.search,
            flagged=True if self.tab is Tab.FLAGGED else None,
            skipped={Tab.OPEN: False, Tab.SKIPPED: True}.get(self.tab),
        )
