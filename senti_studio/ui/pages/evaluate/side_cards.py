"""The card beside the comments: the comparison, the values of a column, or the learning curve."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from senti_studio.ui.pages.evaluate.column_card import ColumnCard
from senti_studio.ui.pages.evaluate.comparison_card import ComparisonCard
from senti_studio.ui.pages.evaluate.curve_card import CurveCard
from senti_studio.ui.session import Session
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.segmented import Segmented


class SideCards(QWidget):
    """One of three cards; the choice stands above them."""

    def __init__(self, theme: Theme, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.which = Segmented(("", "", ""), theme=theme)
        self.comparison = ComparisonCard()
        self.columns = ColumnCard(theme)
        self.curve = CurveCard(theme, session)
        self.pages = QStackedWidget()
        for card in (self.comparison, self.columns, self.curve):
            self.pages.addWidget(card)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.which)
        layout.addWidget(self.pages, 1)
        self.which.changed.connect(self.pages.setCurrentIndex)

    def show_card(self, card: QWidget) -> None:
        """Brings one of the cards to the front."""
        self.pages.setCurrentWidget(card)
        self.which.set_index(self.pages.currentIndex())

    def retranslate(self) -> None:
        self.which.set_texts((self.tr("Comparison"), self.tr("By column"), self.tr("Learning curve")))
        self.which.set_index(self.which.index)
        for card in (self.comparison, self.columns, self.curve):
            card.retranslate()
