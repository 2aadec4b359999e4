"""How often the training is to run: once, with several seeds, as folds, or as a search over options."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from senti_studio.domain.repetition import COUNTS, DEFAULT_COUNTS, MODES, Repetition
from senti_studio.ui.i18n import marked
from senti_studio.ui.pages.train.group_header import GroupHeader
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.no_wheel import NoWheel
from senti_studio.ui.widgets.styles import text_label

_NAMES = {
    "once": marked("Once"),
    "seeds": marked("Several seeds"),
    "folds": marked("K-fold"),
    "search": marked("Search options"),
    "sizes": marked("Learning curve"),
}
_COUNTED = {
    "seeds": marked("Seeds"), "folds": marked("Folds"), "search": marked("Trials"), "sizes": marked("Sizes"),
}  # fmt: skip
_HELP = {
    "once": marked("One training with the options above."),
    "seeds": marked(
        "The same training with other random numbers each time: tells how much of a difference is chance. "
        "The best one becomes the model."
    ),
    "folds": marked(
        "Each part of the labelled comments is held out once, so every one of them is predicted by a model "
        "that has not seen it. Evaluate shows all of these predictions."
    ),
    "sizes": marked(
        "The same training with a tenth of the training part and more and more of it: tells what further "
        "labels are worth to this network. The one that has seen all of them becomes the model."
    ),
    "search": marked(
        "Tries other learning rates, batch sizes, hidden sizes, dropout, label smoothing and units; what "
        "falls behind is given up early. The first trial is what is set here, the best one becomes the model."
    ),
}


class RepetitionGroup(QFrame):
    """`changed` after every edit, `opened` when it unfolds."""

    changed = Signal()
    opened = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("repetition")
        self.setProperty("card", True)
        self.header = GroupHeader(theme, self)
        self.header.setObjectName("group_repetition")
        self.header.toggled.connect(self._fold)
        self._body = QWidget(self)
        self.mode, self.count = QComboBox(self._body), QSpinBox(self._body)
        self.mode.setObjectName("repetition_mode")
        self.count.setObjectName("repetition_count")
        for key in MODES:
            self.mode.addItem(key, key)
        for editor in (self.mode, self.count):
            editor.setFixedWidth(144)
            editor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            editor.installEventFilter(NoWheel(editor))
        self._mode_title, self._count_title = QLabel(self._body), QLabel(self._body)
        self._mode_title.setBuddy(self.mode)
        self._count_title.setBuddy(self.count)
        self._help = text_label(role="hint", size="small", wrap=True)
        grid = QGridLayout(self._body)
        grid.setContentsMargins(12, 4, 12, 12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(0, 1)
        grid.addWidget(self._mode_title, 0, 0)
        grid.addWidget(self.mode, 0, 1)
        grid.addWidget(self._count_title, 1, 0)
        grid.addWidget(self.count, 1, 1)
        grid.addWidget(self._help, 2, 0, 1, 2)
        self._body.setVisible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self._body)
        self.mode.currentIndexChanged.connect(self._mode_chosen)
        self.count.valueChanged.connect(self._edited)
        self._mode_chosen()

    @property
    def repetition(self) -> Repetition:
        """What is set now."""
        return Repetition(str(self.mode.currentData()), self.count.value())

    def set_repetition(self, repetition: Repetition) -> None:
        """Shows another choice; `changed` is not sent."""
        with QSignalBlocker(self):
            self.mode.setCurrentIndex(max(0, self.mode.findData(repetition.mode)))
            self.count.setValue(repetition.count)

    def set_locked(self, locked: bool) -> None:
        """The choice of a run that is shown cannot be changed any more."""
        self._body.setEnabled(not locked)

    @Slot(bool)
    def _fold(self, on: bool) -> None:
        self._body.setVisible(on)
        if on:
            self.opened.emit()

    @Slot()
    def _mode_chosen(self) -> None:
        mode = str(self.mode.currentData())
        with QSignalBlocker(self.count):
            self.count.setRange(*COUNTS[mode])
            self.count.setValue(DEFAULT_COUNTS[mode])
        for widget in (self._count_title, self.count):
            widget.setVisible(mode != "once")
        self._edited()

    @Slot()
    def _edited(self) -> None:
        self._write()
        self.changed.emit()

    def retranslate(self) -> None:
        self.header.setText(self.tr("Repetition"))
        self._mode_title.setText(self.tr("Train"))
        self.mode.setAccessibleName(self.tr("Repetition"))
        for index, key in enumerate(MODES):
            self.mode.setItemText(index, self.tr(_NAMES[key]))
        self._write()

    def _write(self) -> None:
        now = self.repetition
        self._help.setText(self.tr(_HELP[now.mode]))
        self._count_title.setText(self.tr(_COUNTED.get(now.mode, _COUNTED["search"])))
        self.count.setAccessibleName(self._count_title.text())
        name = self.tr(_NAMES[now.mode])
        self.header.summary = f"{name} · {now.count}" if now.is_repeated else name
        self.header.setAccessibleName(f"{self.header.text()}: {self.header.summary}")
        self.header.update()

    def refresh_theme(self) -> None:
        self.header.update()
