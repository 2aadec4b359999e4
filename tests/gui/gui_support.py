"""Shared by the tests of the window."""

from __future__ import annotations

import gc

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer

from senti_studio.ui.window import MainWindow


def close_window(window: MainWindow) -> None:
    """Closes it for good, whatever runs."""
    if not shiboken6.isValid(window):
        return
    for dialog in window.context.dialogs.open_errors:
        dialog.close()
    window.lifecycle.allow_close()
    window.close()
    window.deleteLater()
    flush_deleted()


def flush_deleted() -> None:
    """Lets Qt delete what is to be deleted later."""
    for _ in range(3):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()


def active_timers(root: QObject) -> list[QTimer]:
    """Timers below ``root`` that still tick."""
    return [timer for timer in root.findChildren(QTimer) if timer.isActive()]
