"""Right side of the page, folded: whether a BERT counts in eight bits."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.classify.queue_item import WantedNumbers
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.collapsible import Collapsible
from senti_studio.ui.widgets.styles import text_label
from senti_studio.ui.widgets.switch import Switch


class NumbersCard(Card):
    """There for models that gain by it only."""

    changed = Signal(object)
    """`WantedNumbers`"""

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.fold = Collapsible(theme=context.theme, parent=self)
        self.eight = Switch(context.theme)
        self.note = text_label(role="hint", size="small", wrap=True)
        self.insist = Switch(context.theme)
        self.insist.setEnabled(False)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(self.fold)
        for one in (self.eight, self.note, self.insist):
            self.fold.body.addWidget(one)
        for switch in (self.eight, self.insist):
            switch.toggled.connect(self._tell)

    @property
    def wanted(self) -> WantedNumbers:
        """What the switches say."""
        is_on = self.eight.isChecked()
        return WantedNumbers.eight(insists=self.insist.isChecked()) if is_on else WantedNumbers()

    def retranslate(self) -> None:
        """Fixed texts."""
        self.fold.set_title(self.tr("Faster on the processor"))
        self.eight.setText(self.tr("Compute in int8"))
        self.note.setText(
            self.tr(
                "A BERT becomes about twice as fast; it is compared on the validation comments first, and "
                "where more than 0.3 points of accuracy are lost it computes as usual."
            )
        )
        self.insist.setText(self.tr("Use int8 whatever is lost"))
        self._say_state()

    def _say_state(self) -> None:
        self.fold.set_summary(self.tr("on") if self.eight.isChecked() else self.tr("off"))

    @Slot()
    def _tell(self) -> None:
        self.insist.setEnabled(self.eight.isChecked())
        self._say_state()
        self.changed.emit(self.wanted)
