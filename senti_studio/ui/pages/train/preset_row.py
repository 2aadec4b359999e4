"""The two presets above the options: one network, or as right as the data allows."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from senti_studio.domain.architectures import PRESETS, preset_name, preset_of
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.ui.i18n import current_language, marked
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.segmented import Segmented
from senti_studio.ui.widgets.styles import text_label

_HELP = {
    "balanced": marked("One network: learns and classifies fast."),
    "best": marked(
        "Three networks read each comment in their own way and decide together. Right more often; takes "
        "about eight times as long."
    ),
    "": marked("Options of your own; a preset changes several of them."),
}


class PresetRow(QWidget):
    """`chosen` carries the name of the preset that the user wants."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._names = tuple(PRESETS)
        self._now = self._names[0]
        self._title = QLabel(self)
        self.choice = Segmented(self._names, theme=theme, parent=self)
        self.choice.setObjectName("preset")
        self.choice.changed.connect(self._choose)
        self._help = text_label(role="hint", size="small", wrap=True)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 12, 10)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        grid.addWidget(self._title, 0, 0)
        grid.addWidget(self.choice, 0, 1)
        grid.addWidget(self._help, 1, 0, 1, 2)

    def show_preset_of(self, options: TrainingOptions) -> None:
        """Shows which preset these options are; none is down for others."""
        self._now = preset_of(options)
        self.choice.set_index(self._names.index(self._now) if self._now else -1)
        self._write()

    @Slot(int)
    def _choose(self, index: int) -> None:
        self.chosen.emit(self._names[index])

    def retranslate(self) -> None:
        self._title.setText(self.tr("Preset"))
        self.choice.set_texts([_titled(name) for name in self._names])
        self._write()

    def _write(self) -> None:
        self._help.setText(self.tr(_HELP[self._now]))
        name = _titled(self._now) if self._now else "—"
        self.choice.setAccessibleName(f"{self._title.text()}: {name}")
        self.choice.setAccessibleDescription(self._help.text())


def _titled(preset: str) -> str:
    return preset_name(preset, current_language()).capitalize()
