"""The labelling page alone, as several test files want it."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from senti_studio.storage.project import Project
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.label.view import LabelPage


def shown_label_page(context: UiContext, qtbot: QtBot, project: Project) -> LabelPage:
    """The page on a project, in view, with its first comment and its counts."""
    context.session.use(project)
    page = LabelPage(context)
    qtbot.addWidget(page)
    page.resize(1368, 836)
    page.set_up(project)
    page.show()
    page.on_shown()
    context.actions.set_page("label")
    qtbot.waitUntil(lambda: page.presenter.comment is not None and page.presenter.counts is not None)
    return page
