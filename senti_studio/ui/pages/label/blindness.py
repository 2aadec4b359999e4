"""When a comment is to be labelled without help, and the word that says why."""

from __future__ import annotations

import enum

from senti_studio.ui.i18n import marked, tr
from senti_studio.ui.pages.label.feed import CommentFeed
from senti_studio.ui.pages.label.queue_view import Kind


class Blind(enum.Enum):
    """Why nothing is suggested; a suggestion would be half of the answer."""

    NOT = ""
    TEST_SET = marked("Test set: labelled without suggestions")
    INDEPENDENT = marked("Independent: no suggestions")
    ASKED_AGAIN = " "
    """Unannounced: nothing is said of it."""

    @property
    def words(self) -> str:
        """Empty where nothing is to be said."""
        return tr(self.value) if self.value.strip() else ""


def blindness(feed: CommentFeed, test_set: frozenset[int]) -> Blind:
    """Of the comment in view; ``test_set`` holds the comments that are set aside."""
    comment = feed.comment
    if feed.view.own:
        return Blind.INDEPENDENT
    if feed.view.kind is Kind.TEST_SET or (comment is not None and comment.id in test_set):
        return Blind.TEST_SET
    return Blind.ASKED_AGAIN if feed.asked_again is not None else Blind.NOT
