"""What stands in place of an item: how to begin, how far the look is, and what came of a list."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from senti_studio.ui.i18n import tr
from senti_studio.ui.icons import pixmap
from senti_studio.ui.pages.label.review import wording
from senti_studio.ui.pages.label.review.frozen_list import SIZES, Kind, Outcome
from senti_studio.ui.pages.label.review.reviewing import Reviewing
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.progress import progress_bar
from senti_studio.ui.widgets.segmented import Segmented
from senti_studio.ui.widgets.styles import text_label

_WIDTH = 560


class StartPage(QWidget):
    """Sends what its buttons ask for; `show_state` says which of them there are."""

    look_wanted = Signal(int)
    """A new list of at most so many."""
    again_wanted = Signal()
    """Go through what was put off."""
    stop_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._picture = QLabel()
        self.title = text_label(size="label", bold=True, wrap=True)
        self.text = text_label(role="second", wrap=True)
        self.result = text_label(wrap=True)
        self.trouble = text_label(role="error", wrap=True)
        self.ask = text_label()
        self.most = Segmented([str(each) for each in SIZES], theme=theme)
        self.bar = progress_bar()
        self.bar.setFixedWidth(320)
        self.look = button(theme=theme, kind="primary", key="Return")
        self.again = button(theme=theme, kind="primary", key="Return")
        self.stop = button(theme=theme)
        self.look.clicked.connect(self._look)
        self.again.clicked.connect(lambda: self.again_wanted.emit())
        self.stop.clicked.connect(lambda: self.stop_wanted.emit())
        self._build()
        theme.changed.connect(self._tint)
        self._tint()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(2)
        for label in (self._picture, self.title, self.text, self.result, self.trouble):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            if label is not self._picture:
                label.setFixedWidth(_WIDTH)
            # In a row of its own: aligned in the column, its height would be that for the width of the page.
            line = QHBoxLayout()
            line.addStretch(1)
            line.addWidget(label)
            line.addStretch(1)
            column.addLayout(line)
        column.addSpacing(8)
        for widgets in ((self.ask, self.most), (self.bar,), (self.again, self.look, self.stop)):
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addStretch(1)
            for widget in widgets:
                row.addWidget(widget)
            row.addStretch(1)
            column.addLayout(row)
        column.addStretch(3)

    @Slot()
    def _tint(self) -> None:
        self._picture.setPixmap(
            pixmap("check", self._theme, token="border-ctl", size=56, scale=self.devicePixelRatioF())
        )

    @Slot()
    def _look(self) -> None:
        self.look_wanted.emit(SIZES[self.most.index])

    def press(self) -> None:
        """Enter: whatever the filled button does."""
        for made in (self.again, self.look):
            if not made.isHidden() and made.isEnabled():
                made.click()
                return

    def show_state(self, reviewing: Reviewing) -> None:
        """Words and buttons for a list that is not there yet, on its way, or at its end."""
        finder, kind = reviewing.finder, reviewing.kind
        put_off = reviewing.count(Outcome.OPEN)
        looking = finder.is_looking
        ended = bool(reviewing.items) and not looking
        nothing = reviewing.listed is not None and not reviewing.items and not looking
        self.title.setText(_title(reviewing, ended=ended, nothing=nothing))
        self.text.setText(wording.summary(reviewing) if ended else wording.invitation(kind))
        self.text.setVisible(not nothing)
        result = wording.measured(reviewing) if ended else ""
        self.result.setText(result)
        self.result.setVisible(bool(result))
        said = wording.trouble(finder) if not looking else ""
        self.trouble.setText(said)
        self.trouble.setVisible(bool(said))
        is_learning = ended and finder.is_learning
        self.bar.setVisible(looking or is_learning)
        share = finder.share if looking else None
        self.bar.setRange(0, 1000 if share is not None else 0)
        self.bar.setValue(round((share or 0) * 1000))
        self.ask.setText(tr("At most"))
        self.most.setVisible(not looking and not is_learning)
        self.ask.setVisible(not looking and not is_learning)
        self.again.setText(tr("Go through the {n} put off").format(n=put_off))
        self.again.setVisible(ended and put_off > 0)
        self.look.setText(tr("Look again") if ended or nothing else _look_words(kind))
        self.look.setVisible(not looking)
        self.look.setEnabled(not is_learning)
        self.look.set_kind("plain" if ended and put_off else "primary")
        self.look.set_key(None if ended and put_off else "Return")
        self.stop.setText(tr("Cancel"))
        self.stop.setVisible(looking)
        self.setAccessibleName(self.title.text())


def _title(reviewing: Reviewing, *, ended: bool, nothing: bool) -> str:
    if reviewing.finder.is_looking:
        return tr("Checking all labels…")
    if nothing and reviewing.kind is Kind.MISTAKES:
        return tr("No label looks wrong")
    if nothing:
        return tr("No two near-copies contradict each other")
    if ended and reviewing.count(Outcome.OPEN) == 0:
        return tr("This list is through")
    return tr("Some were put off") if ended else wording.heading(reviewing.kind)


def _look_words(kind: Kind) -> str:
    return tr("Look for likely mistakes") if kind is Kind.MISTAKES else tr("Look for contradicting pairs")
