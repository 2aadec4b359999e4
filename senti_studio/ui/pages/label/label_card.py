"""The card with one button a label, and skip, flag, note below; its geometry never depends on the comment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from senti_studio.domain.labels import Label
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.label.keys import key_of
from senti_studio.ui.pages.label.label_button import LOW, TALL, LabelButton
from senti_studio.ui.pages.label.painted_text import PaintedText
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card

_GAP = 8
_ONE_COLUMN = 5


class _Buttons(QScrollArea):
    """As high as its buttons; scrolls only where the window has no room for them."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.inner = QWidget()
        self.inner.setObjectName("scrolled")
        self.grid = QGridLayout(self.inner)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setSpacing(_GAP)
        self.setWidget(self.inner)

    def sizeHint(self) -> QSize:
        return QSize(384, self.grid.sizeHint().height())

    def bring_into_view(self, button: QWidget) -> None:
        """Scrolls to a button where there is no room for all: nobody accepts what is out of sight."""
        if self.verticalScrollBar().maximum() > 0:
            self.ensureWidgetVisible(button, 0, 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, min(self.grid.sizeHint().height(), 3 * TALL + 2 * _GAP))


class LabelCard(Card):
    """Sends what was clicked; the keys of the keycaps are read by the page."""

    chosen = Signal(int)
    skipped = Signal()
    flagged = Signal()
    noted = Signal()
    accepted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._theme = theme
        self.buttons: list[LabelButton] = []
        self._is_low = False
        self._keycaps: Sequence[str] = ()
        self.body.setContentsMargins(12, 12, 12, 12)
        self.body.setSpacing(_GAP)
        self.source = PaintedText(theme, role="small", ink="text3", right=True)
        self.header.insertWidget(2, self.source, 100)
        self.voice = button(theme=theme, kind="quiet", name=" ")
        self.voice.set_dense()
        self.voice.setFixedWidth(28)
        self.header.addWidget(self.voice)
        self.edit = button(theme=theme, kind="quiet", icon="settings", name=" ")
        self.edit.set_dense()
        self.edit.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.header.addWidget(self.edit)
        self._scroll = _Buttons()
        self.body.addWidget(self._scroll)
        self.accept = button(theme=theme, icon="check", key="Return")
        self.accept.set_large()
        self.accept.setEnabled(False)
        self.accept.clicked.connect(lambda: self.accepted.emit())
        self.body.addWidget(self.accept)
        self._can_accept, self._is_enabled = False, True
        self.skip = button(theme=theme, icon="skip", key="0")
        self.flag = button(theme=theme, icon="flag", key="F")
        self.flag.setCheckable(True)
        self.note = button(theme=theme, icon="note", key="N")
        row = QHBoxLayout()
        row.setSpacing(_GAP)
        for made, signal in ((self.skip, self.skipped), (self.flag, self.flagged), (self.note, self.noted)):
            made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            made.clicked.connect(lambda _=False, send=signal: send.emit())
            row.addWidget(made, 1)
        self.body.addLayout(row)
        self.quality = PaintedText(theme, role="small", ink="text3")
        self.body.addWidget(self.quality)
        self.retranslate()

    @property
    def has_two_columns(self) -> bool:
        return len(self.buttons) > _ONE_COLUMN

    def retranslate(self) -> None:
        self.set_title(tr("Choose a label"))
        self.accept.setText(tr("Accept the suggestion"))
        self.voice.setAccessibleName(tr("Who makes the suggestions"))
        self.voice.setToolTip(tr("Who makes the suggestions"))
        self.edit.setAccessibleName(tr("Labels…"))
        self.edit.setToolTip(tr("Change the labels"))
        self.skip.setText(tr("Skip"))
        self.flag.setText(tr("Flag"))
        self.note.setText(tr("Note"))

    def set_labels(self, labels: Sequence[Label]) -> None:
        """Makes the buttons anew: one column up to five labels, two columns of lower buttons beyond."""
        for old in self.buttons:
            self._scroll.grid.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.buttons = []
        is_two = len(labels) > _ONE_COLUMN
        low = is_two or self._is_low
        rows = (len(labels) + 1) // 2 if is_two else len(labels)
        for place, label in enumerate(labels):
            key = self._keycaps[place] if place < len(self._keycaps) else key_of(place)
            made = LabelButton(label, key, self._theme, low=low)
            made.clicked.connect(lambda _=False, which=place: self.chosen.emit(which))
            self._scroll.grid.addWidget(made, place % rows, place // rows)
            self.buttons.append(made)
        for column in range(2):
            self._scroll.grid.setColumnStretch(column, 1 if column == 0 or is_two else 0)
        self._scroll.inner.setMinimumHeight(rows * (LOW if low else TALL) + max(0, rows - 1) * _GAP)
        self._scroll.updateGeometry()

    def show_keys(self, keycaps: Sequence[str], skip: str, flag: str, note: str) -> None:
        """What stands on the keycaps of the labels, and the keys of the buttons below."""
        self._keycaps = keycaps
        for made, key in zip(self.buttons, keycaps, strict=False):
            made.set_key(key)
        for button_below, key in ((self.skip, skip), (self.flag, flag), (self.note, note)):
            button_below.set_key(key)

    def set_low(self, low: bool) -> None:
        """Lower buttons, for a window that has no room for others."""
        if low != self._is_low:
            self._is_low = low
            self.accept.set_large(not low)
            self.quality.setVisible(not low)
            self.body.setContentsMargins(12, 8 if low else 12, 12, 8 if low else 12)
            current = next((made.label.id for made in self.buttons if made.is_current), None)
            is_enabled = self.skip.isEnabled()
            self.set_labels([made.label for made in self.buttons])
            self.set_current(current)
            self.set_enabled(is_enabled)

    def show_icons(self, on: bool) -> None:
        """Icons before the words of skip, flag and note; a narrow card has room for words and keys alone."""
        for made, icon in ((self.skip, "skip"), (self.flag, "flag"), (self.note, "note")):
            made.set_icon(icon if on else None)

    def set_current(self, label_id: int | None) -> None:
        """Frames the label that the comment in view has."""
        for made in self.buttons:
            made.set_current(label_id is not None and made.label.id == label_id)

    def show_suggestion(
        self, probabilities: Mapping[int, float] | None, best: int | None, *, can_accept: bool
    ) -> None:
        """Bars and numbers by label id (None: none), and which label is framed as the suggested one."""
        for made in self.buttons:
            share = None if probabilities is None else probabilities.get(made.label.id, 0.0)
            made.set_suggestion(share, suggested=made.label.id == best)
            if made.is_suggested:
                self._scroll.bring_into_view(made)
        self._can_accept = can_accept
        self._allow_accepting()

    @property
    def is_suggestion_seen(self) -> bool:
        """Whether the suggestion that can be accepted was painted."""
        return self.accept.isEnabled() and any(made.is_seen for made in self.buttons)

    def _allow_accepting(self) -> None:
        allowed = self._can_accept and self._is_enabled
        if allowed != self.accept.isEnabled():
            self.accept.setEnabled(allowed)

    def set_enabled(self, enabled: bool) -> None:
        self._is_enabled = enabled
        self._allow_accepting()
        for made in (*self.buttons, self.skip, self.flag, self.note):
            made.setEnabled(enabled)
