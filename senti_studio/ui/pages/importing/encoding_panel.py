"""Upper left of step 2: four encodings read the same line, and how the lines are split."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from senti_studio.domain.importing import DELIMITERS, ENCODINGS, EncodingCandidate
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.importing import wording
from senti_studio.ui.pages.importing.encoding_card import EncodingCard
from senti_studio.ui.pages.importing.plan import ImportPlan
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.styles import line

_CARDS = 4


class EncodingPanel(Card):
    """Cards, delimiter, quote, header; every choice is sent at once."""

    encoding_chosen = Signal(str)
    delimiter_chosen = Signal(str)
    quote_chosen = Signal(str)
    header_chosen = Signal(bool)
    sheet_chosen = Signal(str)

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._context = context
        self._candidates: tuple[EncodingCandidate, ...] = ()
        self._shown: list[EncodingCandidate] = []
        self.group = QButtonGroup(self)
        self.cards = [EncodingCard(context.theme, self) for _ in range(_CARDS)]
        self.other = button(" ", kind="quiet", icon="down", theme=context.theme)
        self.delimiter = QComboBox(self)
        self.quote = QComboBox(self)
        self.newline = QLabel(self)
        self.sheet = QComboBox(self)
        self.has_header = QCheckBox(self)
        self.why = button(" ", kind="quiet", icon="info", theme=context.theme)
        self._words = {name: QLabel(self) for name in ("sheet", "delimiter", "quote", "newline")}
        self._menu = QMenu(self)
        self._delimiter = ","
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.header.addWidget(self.why)
        self.header.addWidget(self.other)
        self._cards = QWidget(self)
        row = QHBoxLayout(self._cards)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(8)
        for number, card in enumerate(self.cards):
            self.group.addButton(card, number)
            row.addWidget(card, 1)
        self._options = QWidget(self)
        options = QHBoxLayout(self._options)
        options.setContentsMargins(16, 5, 16, 5)
        options.setSpacing(8)
        for name, control in (
            ("sheet", self.sheet),
            ("delimiter", self.delimiter),
            ("quote", self.quote),
            ("newline", self.newline),
        ):
            self._words[name].setProperty("role", "second")
            self._words[name].setBuddy(control)
            options.addWidget(self._words[name])
            options.addWidget(control)
            options.addSpacing(8)
        options.addWidget(self.has_header)
        options.addStretch()
        inside = QVBoxLayout()
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        self._line = line()
        inside.addWidget(self._cards)
        inside.addWidget(self._line)
        inside.addWidget(self._options)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addLayout(inside)
        for combo in (self.sheet, self.delimiter, self.quote):
            combo.setProperty("dense", "true")
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            combo.setMinimumWidth(88)  # in a narrow window it gives way; its list does not
            combo.setMaximumWidth(132)
            combo.view().setMinimumWidth(220)
        self.sheet.setMaximumWidth(260)

    def _connect(self) -> None:
        for delimiter in DELIMITERS:
            self.delimiter.addItem("", delimiter)
        for quote in ('"', ""):
            self.quote.addItem("", quote)
        self.delimiter.setEditable(True)
        self.delimiter.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        typed = self.delimiter.lineEdit()
        if typed is not None:
            typed.editingFinished.connect(self._take_typed)
        self.group.idClicked.connect(self._choose_card)
        self.delimiter.activated.connect(
            lambda: self.delimiter_chosen.emit(str(self.delimiter.currentData()))
        )
        self.sheet.activated.connect(lambda: self.sheet_chosen.emit(str(self.sheet.currentData())))
        self.quote.activated.connect(lambda: self.quote_chosen.emit(str(self.quote.currentData())))
        self.has_header.clicked.connect(self.header_chosen)
        self.other.clicked.connect(self._show_menu)
        self.why.clicked.connect(self._explain)

    def retranslate(self) -> None:
        """All texts."""
        self._set_titles(has_encoding=True, format_name="")
        self._words["sheet"].setText(self.tr("Sheet"))
        self.other.setText(self.tr("Other encodings"))
        self._words["delimiter"].setText(self.tr("Delimiter"))
        self._words["quote"].setText(self.tr("Quotes"))
        self._words["newline"].setText(self.tr("Line ends"))
        self.has_header.setText(self.tr("Header line"))
        self.delimiter.setToolTip(self.tr("Choose one of the list, or type any one character"))
        for position in range(self.delimiter.count()):
            self.delimiter.setItemText(
                position, wording.delimiter_name(str(self.delimiter.itemData(position)))
            )
        for position in range(self.quote.count()):
            self.quote.setItemText(position, wording.quote_name(str(self.quote.itemData(position))))
        for card in self.cards:
            card.setToolTip("")

    def _set_titles(self, *, has_encoding: bool, format_name: str) -> None:
        if has_encoding:
            self.set_title(self.tr("Text encoding"), self.tr("one line of the file, read in several ways"))
        else:
            self.set_title(wording.format_name(format_name), self.tr("cells as the program shows them"))

    def _show_what_applies(self, plan: ImportPlan) -> None:
        """Only text has an encoding, only tables of text have delimiters, only workbooks have sheets."""
        has_encoding, kind = bool(plan.sniff.candidates), plan.options.format
        self._set_titles(has_encoding=has_encoding, format_name=plan.sniff.format)
        for part in (self._cards, self.why, self.other):
            part.setVisible(has_encoding)
        shown = {
            "sheet": kind == "xlsx",
            "delimiter": kind == "csv",
            "quote": kind == "csv",
            "newline": has_encoding,
        }
        controls = {
            "sheet": self.sheet, "delimiter": self.delimiter, "quote": self.quote, "newline": self.newline,
        }  # fmt: skip
        for name, control in controls.items():
            control.setVisible(shown[name])
            self._words[name].setVisible(shown[name])
        self.has_header.setVisible(kind in ("csv", "xlsx"))
        self._options.setVisible(has_encoding or kind == "xlsx")
        self._line.setVisible(has_encoding)
        self.setVisible(kind != "parquet")
        self._fill_sheets(plan)

    def _fill_sheets(self, plan: ImportPlan) -> None:
        self.sheet.clear()
        for sheet in plan.sniff.sheets:
            hidden = self.tr("{name} (hidden)").format(name=sheet.name)
            self.sheet.addItem(hidden if sheet.is_hidden else sheet.name, sheet.name)
        self.sheet.setCurrentIndex(self.sheet.findData(plan.options.sheet or plan.sniff.first_sheet))

    def show_loading(self) -> None:
        """Skeletons in the cards; nothing can be chosen yet."""
        self.setVisible(True)
        self._set_titles(has_encoding=True, format_name="")
        for part in (self._cards, self._line, self._options):
            part.setVisible(True)
        for card in self.cards:
            card.setVisible(True)
            card.show_loading()
        for control in (self.delimiter, self.quote, self.has_header, self.why, self.other):
            control.setEnabled(False)
        self.newline.setText("…")
        self.why.setText(self.tr("Why this one?"))

    def show_plan(self, plan: ImportPlan) -> None:
        """Cards and controls as the plan has them."""
        for control in (self.delimiter, self.quote, self.has_header, self.why, self.other):
            control.setEnabled(True)
        self._show_what_applies(plan)
        self._candidates = with_chosen(plan)
        chosen = plan.options.encoding
        self._shown = cards_for(self._candidates, chosen)
        best = self._candidates[0].encoding if self._candidates else ""
        self.group.setExclusive(False)
        for number, card in enumerate(self.cards):
            card.setVisible(number < len(self._shown))
            if number < len(self._shown):
                self._fill(card, self._shown[number], is_best=self._shown[number].encoding == best)
                card.setChecked(self._shown[number].encoding == chosen)
        self.group.setExclusive(True)
        self._delimiter = plan.options.delimiter
        self._show_delimiter()
        self.quote.setCurrentIndex(self.quote.findData(plan.options.quote))
        self.has_header.setChecked(plan.options.has_header)
        self.newline.setText(wording.newline_name(plan.sniff.newline))
        self.why.setText(self.tr("Why {name}?").format(name=wording.encoding_name(best)))
        self.other.setVisible(len(self._shown) > 0)

    def _show_delimiter(self) -> None:
        place = self.delimiter.findData(self._delimiter)
        self.delimiter.setCurrentIndex(place)
        if place < 0:
            self.delimiter.setEditText(wording.delimiter_name(self._delimiter))

    @Slot()
    def _take_typed(self) -> None:
        """Any one character may separate; the names in the list stand for theirs."""
        text = self.delimiter.currentText()
        place = self.delimiter.findText(text, Qt.MatchFlag.MatchExactly)
        typed = str(self.delimiter.itemData(place)) if place >= 0 else text.strip() or text[:1]
        if len(typed) != 1 or typed in '"\r\0':
            self._show_delimiter()
        elif typed != self._delimiter:
            self._delimiter = typed
            self.delimiter_chosen.emit(typed)

    def _fill(self, card: EncodingCard, candidate: EncodingCandidate, *, is_best: bool) -> None:
        words, token = wording.verdict(candidate)
        card.show_encoding(
            wording.encoding_name(candidate.encoding),
            candidate.sample,
            words,
            token,
            wording.share(candidate),
            self.tr("Guess") if is_best else "",
        )

    def press_card(self, number: int) -> None:
        """Chooses a card by its place (keys 1 to 4)."""
        if number < len(self._shown) and self.cards[number].isEnabled():
            self.cards[number].setChecked(True)
            self._choose_card(number)

    @Slot(int)
    def _choose_card(self, number: int) -> None:
        if number < len(self._shown):
            self.encoding_chosen.emit(self._shown[number].encoding)

    @Slot()
    def _show_menu(self) -> None:
        self._menu.clear()
        shown = {candidate.encoding for candidate in self._shown}
        for encoding in ENCODINGS:
            if encoding not in shown:
                action = self._menu.addAction(wording.encoding_name(encoding))
                action.triggered.connect(lambda _on=False, name=encoding: self.encoding_chosen.emit(name))
        self._menu.popup(self.other.mapToGlobal(QPoint(0, self.other.height())))

    @Slot()
    def _explain(self) -> None:
        popup = QFrame(self, Qt.WindowType.Popup)
        popup.setProperty("card", "popup")
        popup.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        text = QLabel(wording.why(self._candidates), popup)
        text.setWordWrap(True)
        text.setMinimumWidth(440)
        layout = QVBoxLayout(popup)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.addWidget(text)
        popup.adjustSize()
        corner = self.why.mapToGlobal(QPoint(self.why.width() - popup.width(), self.why.height() + 4))
        popup.move(corner)
        popup.show()


def with_chosen(plan: ImportPlan) -> tuple[EncodingCandidate, ...]:
    """The candidates, and the encoding that the user chose beside them, with a line of what it reads."""
    candidates, chosen = plan.sniff.candidates, plan.options.encoding
    if not candidates or chosen in [one.encoding for one in candidates]:
        return candidates
    rows = plan.preview.rows
    sample = " ".join(rows[0].cells)[:200] if rows else ""
    return (*candidates, EncodingCandidate(chosen, 0.0, 0, 0, 0.0, "chosen", sample))


def cards_for(candidates: tuple[EncodingCandidate, ...], chosen: str) -> list[EncodingCandidate]:
    """The guess, UTF-8, the next two by score; a chosen one from the menu takes the last place (``chosen``
    empty: none is)."""
    found = list(candidates[:1])
    found += [one for one in candidates[1:] if one.encoding.startswith("utf-8")][:1]
    found += [one for one in candidates if one not in found][: _CARDS - len(found)]
    if chosen and chosen not in [one.encoding for one in found]:
        found[_CARDS - 1 :] = [one for one in candidates if one.encoding == chosen]
    return found
