"""What the page says when there is no comment to show."""

from __future__ import annotations

from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.label.queue_view import Tab, View


def words_for(view: View, *, has_comments: bool) -> tuple[str, str, str, str]:
    """Title, text, filled button, plain button (empty: none)."""
    if not has_comments:
        return tr("No comments yet"), tr("Import a CSV file first."), tr("Import files…"), ""
    if view.is_narrowed:
        text = tr("No comment of this queue matches.")
        return tr("Nothing found"), text, tr("Clear search and filter"), ""
    if view.tab is Tab.OPEN:
        text = tr("Every comment has a label or was skipped.")
        return tr("This queue is done"), text, tr("Look through the labelled ones"), tr("Show all comments")
    return tr("This queue is empty"), tr("Nothing to look at here."), tr("Go on labelling"), ""
