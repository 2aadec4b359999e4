"""Starts the window: the one place where the application is set up."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QCoreApplication, Qt, QThreadPool, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QStyleFactory

from senti_studio import __version__
from senti_studio.paths import config_folder
from senti_studio.ui.focus_ring import FocusRings
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import Language
from senti_studio.ui.operations import wait_for_operations
from senti_studio.ui.quiet_collector import leave_alone
from senti_studio.ui.settings import Settings
from senti_studio.ui.theme import Theme
from senti_studio.ui.window import MainWindow

_THREADS = 4
_SPOKEN = {"zh": "zh_CN", "en": "en"}


@dataclass(frozen=True, slots=True)
class AppParts:
    """What lives as long as the application."""

    settings: Settings
    theme: Theme
    language: Language
    rings: FocusRings


def set_up(app: QApplication) -> AppParts:
    """Style, font, language and theme; once for an application, before any window."""
    app.setApplicationName("Senti Studio")
    app.setApplicationVersion(__version__)
    QGuiApplication.setDesktopFileName("senti-studio")
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setFont(font("ui"))
    # threads hand over every half millisecond: with the usual 5 ms the commit of a label waits for the
    # painting of the next comment, and the painting for a search
    sys.setswitchinterval(0.0005)
    # the threads wait for the disk more than they compute: a page of a table must not queue behind a search
    QThreadPool.globalInstance().setMaxThreadCount(
        max(_THREADS, QThreadPool.globalInstance().maxThreadCount())
    )
    settings = Settings(app)
    language = Language(app)
    language.install(app, settings.language)
    theme = Theme(app, settings.theme, app)
    return AppParts(settings, theme, language, FocusRings(app, theme, app))


def speak(app: QApplication, parts: AppParts, language: str) -> None:
    """Another language (``zh`` | ``en``) than the stored one, until the user chooses one in the window."""
    if language in _SPOKEN:
        parts.settings.speak_for_now(_SPOKEN[language])
        parts.language.install(app, parts.settings.language)


def open_window(parts: AppParts, arguments: Sequence[str] = ()) -> MainWindow:
    """Shows the window, and opens the project among ``arguments`` after the first paint."""
    window = MainWindow(settings=parts.settings, theme=parts.theme, language=parts.language)
    if arguments:
        folder = Path(arguments[0]).absolute()
        window.first_painted.connect(lambda: window.lifecycle.open_project(folder))
    window.first_painted.connect(leave_alone)
    window.show()
    return window


def main(arguments: Sequence[str], *, language: str = "") -> int:
    """Opens the window and runs it to its end; returns the exit status. ``language`` (``zh`` | ``en``) stands
    for this start in place of the stored one."""
    _log_to_file()
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_DontShowIconsInMenus)
    existing = QApplication.instance()
    app = (
        existing
        if isinstance(existing, QApplication)
        else QApplication([sys.argv[0] if sys.argv else "senti-studio"])
    )
    parts = set_up(app)
    speak(app, parts, language)
    window = open_window(parts, arguments)
    _show_uncaught_errors(window)
    status = app.exec()
    window.lifecycle.shut_down()
    if not wait_for_operations():
        # Begun while the window closed, or hanging on a drive that does not answer. Python must not be taken
        # down under a thread that runs it; all that matters is on the disk.
        logging.shutdown()
        os._exit(int(status))
    window.deleteLater()
    return int(status)


def _log_to_file() -> None:
    handler = logging.FileHandler(config_folder() / "senti-studio.log", encoding="utf-8", delay=True)
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)


def _show_uncaught_errors(window: MainWindow) -> None:
    """An exception that nobody caught becomes a dialog with details, never a silent end."""

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            window.close()
            return
        logging.getLogger(__name__).error("uncaught", exc_info=(kind, error, trace))
        window.context.dialogs.error(error)

    def show_from_thread(failure: threading.ExceptHookArgs) -> None:
        if failure.exc_value is not None:
            error = failure.exc_value
            QTimer.singleShot(0, window, lambda: show(type(error), error, error.__traceback__))

    sys.excepthook = show
    threading.excepthook = show_from_thread
