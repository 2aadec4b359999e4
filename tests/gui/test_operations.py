"""Work off the GUI thread."""

from __future__ import annotations

import threading
from concurrent.futures import Future

from gui_support import flush_deleted as flush
from PySide6.QtCore import QObject, QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from senti_studio.errors import UserError
from senti_studio.ui.operations import Failure, follow, run_operation, set_default_failure


def test_success_arrives_on_the_gui_thread(qtbot: QtBot, qapp: QApplication) -> None:
    parent = QObject()
    seen: list[tuple[int, bool]] = []

    def work() -> int:
        assert QThread.currentThread() is not qapp.thread()
        return 42

    run_operation(
        parent,
        work,
        on_success=lambda n: seen.append((n, threading.current_thread() is threading.main_thread())),
    )
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [(42, True)]


def test_failure_goes_to_the_one_who_asked(qtbot: QtBot) -> None:
    parent = QObject()
    errors: list[Failure] = []

    def work() -> None:
        raise UserError("DISK_FULL", path="评论.csv")

    run_operation(parent, work, on_success=lambda _: None, on_failure=errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], UserError)
    assert errors[0].params == {"path": "评论.csv"}


def test_failure_nobody_asked_for_goes_to_the_default(qtbot: QtBot) -> None:
    parent = QObject()
    errors: list[Failure] = []
    set_default_failure(errors.append)
    try:
        run_operation(parent, lambda: 1 // 0, on_success=lambda _: None)
        qtbot.waitUntil(lambda: bool(errors))
    finally:
        set_default_failure(None)
    assert isinstance(errors[0], ZeroDivisionError)


def test_nothing_arrives_after_the_parent_is_gone(qtbot: QtBot) -> None:
    parent = QObject()
    may_end = threading.Event()
    ended = threading.Event()
    seen: list[int] = []

    def work() -> int:
        may_end.wait(5)
        ended.set()
        return 1

    run_operation(parent, work, on_success=seen.append)
    parent.deleteLater()
    flush()
    may_end.set()
    assert ended.wait(5)
    qtbot.wait(50)
    assert seen == []


def test_a_dropped_operation_says_nothing(qtbot: QtBot) -> None:
    parent = QObject()
    seen: list[object] = []
    operation = run_operation(parent, lambda: 1, on_success=seen.append, on_failure=seen.append)
    operation.drop()
    with qtbot.waitSignal(operation.finished):
        pass
    assert seen == []


def test_follows_a_future(qtbot: QtBot) -> None:
    parent = QObject()
    good: Future[str] = Future()
    bad: Future[str] = Future()
    seen: list[object] = []
    follow(parent, good, on_success=seen.append)
    follow(parent, bad, on_success=seen.append, on_failure=seen.append)
    error = UserError("PROJECT_BUSY")
    thread = threading.Thread(target=lambda: (good.set_result("好"), bad.set_exception(error)))
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen == ["好", error]
