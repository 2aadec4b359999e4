"""Drives the real program from inside its own event loop, as a person would: keys, clicks, and looking.

A script is a generator: it yields a condition (a callable) to wait for, and goes on when the condition holds.
Run it with `drive`, which calls ``senti_studio.__main__.main`` and returns its exit status.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from types import GeneratorType
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from ghosts import Ghosts

from senti_studio.__main__ import main
from senti_studio.ui.window import MainWindow

W = TypeVar("W", bound=QObject)

Condition = Callable[[], object]
Script = Callable[["Driver"], Generator[Condition, None, None]]

LIMIT_S = float(os.environ.get("SENTI_E2E_LIMIT", "90"))
"""How long one condition may take before the script fails with its name."""


class Driver(QObject):
    """Steps through a script every few milliseconds and measures the gaps of the event loop meanwhile."""

    def __init__(self, script: Script) -> None:
        super().__init__()
        self._script = script(self)
        self._condition: Condition | None = None
        self._since = time.monotonic()
        self.error: str = ""
        self.done = False
        self.longest_gap = 0.0
        self._ghosts: Ghosts | None = None
        self._last_tick = self._last_wait = 0.0
        self._pulse = QTimer(self)
        self._pulse.setTimerType(Qt.TimerType.PreciseTimer)
        self._pulse.timeout.connect(self._tick)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._step)
        self._timer.start(10)

    # --- what scripts use ---

    @property
    def window(self) -> MainWindow:
        return next(widget for widget in QApplication.topLevelWidgets() if isinstance(widget, MainWindow))

    def find(self, kind: type[W], name: str) -> W:
        """The widget called ``name``; fails with the names that exist."""
        found = self.window.findChild(kind, name)
        if found is None:
            names = sorted({one.objectName() for one in self.window.findChildren(QObject)})
            raise AssertionError(f"no {kind.__name__} called {name!r}; there are {names}")
        return found

    def page(self, name: str) -> QWidget:
        """Shows a page by its name, as Ctrl+digit does."""
        self.window.go_to(name)
        return self.window.pages[name]

    def key(self, key: Qt.Key | str, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Presses a key where the keyboard focus is."""
        target = QApplication.focusWidget() or self.window
        if isinstance(key, str):
            QTest.keyClicks(target, key, modifier)
        else:
            QTest.keyClick(target, key, modifier)

    def click(self, widget: QWidget) -> None:
        assert widget.isEnabled(), f"{widget.objectName()} is disabled"
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    def watch_for_ghosts(self, app: QApplication) -> None:
        """A widget that becomes a window of its own fails the script at its end."""
        self._ghosts = Ghosts(app)

    def start_pulse(self) -> None:
        """Begins to watch the event loop: `longest_gap` is the longest time between ticks due every 5 ms,
        less the time in which the window was ready and other programs had the cores."""
        if self._ghosts is not None:  # it looks at every event: not while time is measured
            self._ghosts.stop()
            self._ghosts = None
        self.longest_gap, self._last_tick, self._last_wait = 0.0, time.perf_counter(), _waited_for_a_core()
        self._pulse.start(5)

    def stop_pulse(self) -> float:
        self._pulse.stop()
        return self.longest_gap

    # --- its own ---

    def _tick(self) -> None:
        now, waited = time.perf_counter(), _waited_for_a_core()
        self.longest_gap = max(self.longest_gap, now - self._last_tick - (waited - self._last_wait))
        self._last_tick, self._last_wait = now, waited

    def _step(self) -> None:
        try:
            if self._condition is not None:
                if not self._condition():
                    if time.monotonic() - self._since > LIMIT_S:
                        raise AssertionError(f"waited {LIMIT_S:.0f} s at {_place(self._script)}")
                    return
                self._condition = None
            self._condition = next(self._script)
            self._since = time.monotonic()
        except StopIteration:
            self.done = True
            self._end()
        except BaseException:  # noqa: BLE001 - `drive` raises it once the window is closed
            self.error = traceback.format_exc()
            picture = os.environ.get("SENTI_E2E_PICTURE")
            if picture:
                self.window.grab().save(picture)
            self._end()

    def _end(self) -> None:
        self._timer.stop()
        self._pulse.stop()
        found = self._ghosts.stop() if self._ghosts is not None else []
        if found and not self.error:
            self.error = f"shown before they had a parent: {found}"
        QApplication.closeAllWindows()
        QTimer.singleShot(200, self, lambda: QApplication.exit(0))


def _place(script: object) -> str:
    """Where a script and the steps that it waits for stand."""
    places = []
    while isinstance(script, GeneratorType):
        if script.gi_frame is not None:
            places.append(f"{script.gi_code.co_name}:{script.gi_frame.f_lineno}")
        script = script.gi_yieldfrom
    return " → ".join(places)


def _waited_for_a_core() -> float:
    """Seconds that this thread was ready and not running (0 where the system does not say)."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9
    except OSError:
        return 0.0


def drive(script: Script, arguments: Sequence[str] = ()) -> int:
    """Runs the program through its front door with ``script`` at the keyboard; fails as the script failed."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    driver = Driver(script)
    driver.watch_for_ghosts(app)
    status = main(list(arguments))
    assert not driver.error, driver.error
    assert driver.done, "the window closed before the script was through"
    del app
    return status
