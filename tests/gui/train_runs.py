"""Runs started from the Train page, as several of its tests need them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from senti_studio.domain.run_states import RunState
from senti_studio.storage.project import Project
from senti_studio.ui.pages.train.live_run import LiveRun
from senti_studio.ui.pages.train.view import TrainPage

Opened = Callable[[Project], TrainPage]
LONG = 30_000


def start(page: TrainPage, qtbot: QtBot) -> LiveRun:
    """Presses Start, waits for the run."""
    assert page.start_card.start.isEnabled()
    qtbot.mouseClick(page.start_card.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.presenter.shown is not None, timeout=LONG)
    live = page.presenter.shown
    assert live is not None
    return live


def wait_for(live: LiveRun, state: RunState, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: live.history.state is state, timeout=LONG)
