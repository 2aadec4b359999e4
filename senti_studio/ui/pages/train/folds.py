"""The groups of the left column: one is open at a time, and what was opened comes into view."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QScrollArea, QWidget

from senti_studio.ui.pages.train.options_form import OptionsForm
from senti_studio.ui.pages.train.repetition_group import RepetitionGroup
from senti_studio.ui.pages.train.transfer_group import TransferGroup


class Folds(QObject):
    """Listens to the groups; nobody has to tell it anything."""

    def __init__(
        self,
        options: OptionsForm,
        repetition: RepetitionGroup,
        transfer: TransferGroup,
        area: QScrollArea,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._options, self._area = options, area
        self._others = (repetition, transfer)
        options.opened.connect(self._group_opened)
        options.presets.chosen.connect(self._preset_chosen)
        for group in self._others:
            group.opened.connect(partial(self._other_opened, group))

    def _other_opened(self, opened: RepetitionGroup | TransferGroup) -> None:
        for header in (*self._options.headers.values(), *(group.header for group in self._others)):
            if header is not opened.header:
                header.setChecked(False)
        self._bring(opened, 16)

    @Slot(str)
    def _group_opened(self, key: str) -> None:
        for group in self._others:
            group.header.setChecked(False)
        self._bring(self._options.headers[key], 200)

    @Slot()
    def _preset_chosen(self) -> None:
        """What a preset means may take more lines than what the one before meant."""
        self._bring(self._options.presets, 16)

    def _bring(self, widget: QWidget, margin: int) -> None:
        QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(widget, 0, margin))
