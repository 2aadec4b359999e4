"""What the page says when there is no comment to show."""

from __future__ import annotations

import dataclasses

from senti_studio.domain.comments import Order
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.label.queue_view import Kind, Tab, View


def words_for(view: View, *, has_comments: bool, was_there: bool = False) -> tuple[str, str, str, str]:
    """Title, text, filled button, plain button (empty: none). ``was_there``: the queue held comments, and all
    of them are decided."""
    if not has_comments:
        return tr("No comments yet"), tr("Import a CSV file first."), tr("Import files…"), ""
    if view.is_narrowed and was_there and view.only_open:
        text = tr("Everything that was found has a label or was skipped.")
        return tr("All labelled"), text, tr("Clear search and filter"), ""
    if view.is_narrowed:
        text = tr("No comment of this queue matches.")
        return tr("Nothing found"), text, tr("Clear search and filter"), ""
    if view.kind is not Kind.PLAIN:
        return _of_kind(view.kind)
    if view.tab is Tab.OPEN:
        text = tr("Every comment has a label or was skipped.")
        return tr("This queue is done"), text, tr("Look through the labelled ones"), tr("Show all comments")
    return tr("This queue is empty"), tr("Nothing to look at here."), tr("Go on labelling"), ""


def _of_kind(kind: Kind) -> tuple[str, str, str, str]:
    texts = {
        Kind.USEFUL: tr("Every comment has a label or was skipped."),
        Kind.DISAGREES: tr("The model says what people said, or there is no model yet."),
        Kind.DOUBTFUL: tr("No comment without a label has a prediction. Classify a source first."),
        Kind.COPIES: tr("No other comment says the same."),
        Kind.TEST_SET: tr("No comment of the test set waits for a label, or none is set aside."),
    }
    if kind is Kind.USEFUL:
        return tr("This queue is done"), texts[kind], tr("Look through the labelled ones"), ""
    return tr("This queue is empty"), texts[kind], tr("Go on labelling"), ""


def after_empty(view: View) -> View:
    """Where the filled button leads to."""
    if view.kind in (Kind.PLAIN, Kind.USEFUL):
        tab = Tab.LABELLED if view.tab is Tab.OPEN else Tab.OPEN
    else:
        tab = Tab.OPEN
    return dataclasses.replace(view, tab=tab, kind=Kind.PLAIN, order=Order.FILE, around=0)
