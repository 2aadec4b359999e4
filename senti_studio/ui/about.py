"""About Senti Studio: versions to report, where things are, licence."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout

from senti_studio import __version__
from senti_studio.paths import config_folder
from senti_studio.ui.context import UiContext
from senti_studio.ui.i18n import tr
from senti_studio.ui.icons import pixmap
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.styles import line, text_label

_PACKAGES = ("torch", "PySide6-Essentials", "pyqtgraph", "safetensors", "pyarrow", "rjieba")


def versions() -> list[tuple[str, str]]:
    """Program, Python, Qt and the main libraries; from package metadata, so nothing heavy is imported."""
    found = [
        ("Senti Studio", __version__),
        ("Python", platform.python_version()),
        ("Qt", str(qVersion())),
    ]
    for name in _PACKAGES:
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            continue
    return [*found, (tr("System"), platform.platform(terse=True))]


class AboutDialog(QDialog):
    """Versions, devices and folders, with a copy button for reports."""

    def __init__(self, context: UiContext) -> None:
        super().__init__(context.dialogs.window)
        self.setWindowTitle(tr("About Senti Studio"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        head = QHBoxLayout()
        head.setSpacing(12)
        picture = QLabel()
        picture.setPixmap(pixmap("logo", context.theme, size=40, scale=self.devicePixelRatioF()))
        head.addWidget(picture)
        words = QVBoxLayout()
        words.addWidget(text_label("Senti Studio", size="title"))
        words.addWidget(
            text_label(tr("Label, learn and classify comments on your own machine"), role="second")
        )
        head.addLayout(words, 1)
        layout.addLayout(head)
        layout.addWidget(line())
        facts = versions()
        facts += [
            (tr("Graphics card") if device.is_graphics_card else tr("Processor"), device.name)
            for device in context.machine.devices
            if not device.is_several
        ]
        facts += [(tr("Settings and log"), str(config_folder())), (tr("Licence"), "Apache-2.0")]
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        for row, (name, value) in enumerate(facts):
            grid.addWidget(text_label(name, role="hint"), row, 0, Qt.AlignmentFlag.AlignTop)
            shown = text_label(value, wrap=True)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(shown, row, 1)
        grid.setColumnStretch(1, 1)
        layout.addLayout(grid)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        copy = button(tr("Copy"), theme=context.theme, icon="copy")
        text = "\n".join(f"{name}: {value}" for name, value in facts)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
        close = button(tr("Close"), theme=context.theme, kind="primary")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons.addWidget(copy)
        buttons.addWidget(close)
        layout.addLayout(buttons)
        self.setMinimumWidth(520)
