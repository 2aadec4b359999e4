"""Windows that are killed at the very moment in which the next comment is on the screen.

Run as ``python killed_labelling.py PROJECT FIRST COUNT``: labels COUNT comments from FIRST on, one window
process a label. Starting a program for each would take seconds; here the program is started once, and forks a
child that opens the window as `main` does. At the moment in which the comment after its label is painted, the
child writes into a pipe and is killed (SIGKILL); then the parent looks into the file for the label. It tells
what it found as JSON lines.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from driving import Condition, Driver, drive
from PySide6.QtCore import QEvent, QObject, Qt

import senti_studio.storage.project
import senti_studio.ui.pages.label.view  # noqa: F401 - what each child would have to import

Steps = Generator[Condition, None, None]


class NextOnScreen(QObject):
    """Writes the ids of the comment that was labelled and of the one that is painted, as soon as it is."""

    def __init__(self, window: Any, page: Any, labelled: int, pipe: int) -> None:
        super().__init__(window)
        self._window, self._page, self._labelled, self._pipe = window, page, labelled, pipe
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.UpdateRequest:
            self._window.event(event)
            comment = self._page.presenter.comment
            if comment.id != self._labelled and self._page.comment.text.toPlainText() == comment.text:
                os.write(self._pipe, json.dumps([self._labelled, comment.id]).encode() + b"\n")
                os.kill(os.getpid(), signal.SIGKILL)  # before the writer's thread gets another moment
            return True
        return False


def one_label(project: Path, comment_id: int, key: str, pipe: int) -> Any:
    """A script that labels one comment with a key."""

    def script(driver: Driver) -> Steps:
        driver.window.lifecycle.open_project(project)
        yield lambda: driver.window.context.session.project is not None
        page: Any = driver.page("label")
        yield lambda: page.presenter.comment is not None and not page.presenter.feed.is_filling
        page.presenter.feed.jump(comment_id)
        yield lambda: page.presenter.comment.id == comment_id
        watcher = NextOnScreen(driver.window, page, comment_id, pipe)
        driver.key(key, Qt.KeyboardModifier.NoModifier)
        yield lambda: watcher is None

    return script


def label_and_kill(project: Path, comment_id: int, key: str) -> list[int]:
    """What the child wrote in its last moment: the comment labelled, and the one that was on the screen."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            drive(one_label(project, comment_id, key, writing))
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        line = pipe.readline()
    _, status = os.waitpid(child, 0)
    return list(json.loads(line or b"[]")) if os.WTERMSIG(status) == signal.SIGKILL else []


def main() -> None:
    project, first, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    begun = time.monotonic()
    for number in range(count):
        comment_id = first + number
        place = number % 3
        seen = label_and_kill(project, comment_id, "123"[place])
        with sqlite3.connect(project / "project.db") as connection:
            row = connection.execute(
                "SELECT position FROM annotations JOIN labels ON labels.id = label_id WHERE comment_id = ?",
                (comment_id,),
            ).fetchone()
        found = {"labelled": comment_id, "seen": seen, "stored": row == (place,)}
        print(json.dumps(found), flush=True)  # noqa: T201 - read by the test
    print(json.dumps({"seconds": time.monotonic() - begun}), flush=True)  # noqa: T201 - read by the test


if __name__ == "__main__":
    main()
