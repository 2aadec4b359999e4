"""The window as users get it, in an application set up once; tests leave no threads behind."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ghosts import Ghosts
from gui_support import close_window, flush_deleted
from PySide6.QtCore import QThreadPool
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from senti_studio.jobs.launch import end_by_force, reap_children
from senti_studio.storage.project import Project
from senti_studio.ui import assistant, lifecycle, near_index
from senti_studio.ui.app import AppParts, open_window, set_up
from senti_studio.ui.context import UiContext, make_context
from senti_studio.ui.machine import Device
from senti_studio.ui.pages.train.view import TrainPage
from senti_studio.ui.settings import Settings
from senti_studio.ui.window import MainWindow

_parts: list[AppParts] = []


@pytest.fixture(scope="module", autouse=True)
def modules_out_of_sight() -> None:
    """What the tests before have left is collected, and the modules are not looked at after each window."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def only_windows_are_windows(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[None]:
    """Not beside tests that measure time: it looks at every event."""
    if request.node.get_closest_marker("alone"):
        yield
        return
    ghosts = Ghosts(qapp)
    yield
    found = ghosts.stop()
    assert not found, f"shown before they had a parent: {found}"


@pytest.fixture
def parts(qapp: QApplication, home: Path, monkeypatch: pytest.MonkeyPatch) -> AppParts:
    """Application-wide parts, with fresh settings, in Chinese and light. No window looks for devices
    or starts the assistant itself: those are processes that import much. None hides from the collector."""
    for place in ("app", "window"):
        monkeypatch.setattr(f"senti_studio.ui.{place}.leave_alone", lambda: None)
    monkeypatch.setattr(lifecycle, "PROBE_AFTER_MS", 3_600_000)
    monkeypatch.setattr(near_index, "START_AFTER_MS", 3_600_000)
    monkeypatch.setattr(assistant, "START_AFTER_MS", 3_600_000)
    if not _parts:
        _parts.append(set_up(qapp))
    known = _parts[0]
    known.language.install(qapp, "zh_CN")
    known.theme.set_choice("light")
    settings = Settings(qapp)
    settings.ask_again = False  # by chance: tests that want it switch it on
    return AppParts(settings, known.theme, known.language, known.rings)


@pytest.fixture
def window(parts: AppParts, qtbot: QtBot) -> Iterator[MainWindow]:
    """The real window, shown, without a project."""
    made = open_window(parts)
    qtbot.waitExposed(made)
    yield made
    close_window(made)


@pytest.fixture
def open_project_window(parts: AppParts, qtbot: QtBot) -> Iterator[Callable[[Path], MainWindow]]:
    """Opens a window on a project folder, as the command line does; closed at the end of the test."""
    made: list[MainWindow] = []

    def open_on(folder: Path) -> MainWindow:
        window = open_window(parts, [str(folder)])
        made.append(window)
        qtbot.waitUntil(lambda: window.context.session.project is not None, timeout=10_000)
        return window

    yield open_on
    for window in made:
        close_window(window)


@pytest.fixture
def context(parts: AppParts, qtbot: QtBot) -> Iterator[UiContext]:
    """A context over an empty window, for one page or one widget alone."""
    host = QWidget()
    host.resize(1368, 836)
    host.show()
    made = make_context(host, settings=parts.settings, theme=parts.theme)
    yield made
    made.machine.close()
    made.near.close()
    made.assistant.close()
    made.session.close()
    QThreadPool.globalInstance().waitForDone(10_000)
    host.close()
    host.deleteLater()
    flush_deleted()


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """Fails a test that leaves a Python thread behind."""
    before = set(threading.enumerate())
    yield
    QThreadPool.globalInstance().waitForDone(10_000)
    left = [t for t in set(threading.enumerate()) - before if t.is_alive() and not t.name.startswith("Dummy")]
    for thread in left:
        thread.join(5)
    assert not [t for t in left if t.is_alive()], left


@pytest.fixture
def open_train_page(context: UiContext, qtbot: QtBot) -> Iterator[Callable[[Project], TrainPage]]:
    """The Train page alone on a project, with its plan; no worker is left behind."""
    pages: list[TrainPage] = []
    context.machine.is_known = True
    context.machine.devices = (Device("cpu", "测试处理器"),)

    def open_on(project: Project) -> TrainPage:
        context.session.use(project)
        page = TrainPage(context)
        qtbot.addWidget(page)
        page.resize(1368, 836)
        page.set_up(project)
        page.show()
        page.on_shown()
        pages.append(page)
        qtbot.waitUntil(lambda: page.presenter.plan is not None, timeout=30_000)
        return page

    yield open_on
    for page in pages:
        for live in list(page.presenter._live.values()):
            end_by_force(live.folder, live.folder.worker_pid(live.history.status.started))
        page.presenter.open_project(None)
    reap_children()
