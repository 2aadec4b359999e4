"""Of a run that is shown: the encoder it began with, and whether that is still here."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from senti_studio.domain.encoders import encoder_label
from senti_studio.ui.widgets.styles import set_style, text_label

_ROOM = 210


class RunEncoderLine(QWidget):
    """One line; nothing at all for networks without an encoder."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._encoder, self._is_gone = "", False
        self._title, self.name = text_label(role="hint", size="small"), text_label(size="small")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._title)
        row.addWidget(self.name, 1)
        self.hide()

    def show_encoder(self, encoder: str, *, is_gone: bool) -> None:
        """``encoder`` as the run names it, "" for none; ``is_gone``: it has been removed since."""
        self._encoder, self._is_gone = encoder, is_gone
        self.setVisible(bool(encoder))
        self._write()

    def retranslate(self) -> None:
        self._title.setText(self.tr("Encoder"))
        self._write()

    def _write(self) -> None:
        text = encoder_label(self._encoder)
        tip = self._encoder
        if self._is_gone:
            text = self.tr("{name} (no longer here)").format(name=text)
            tip += "\n" + self.tr(
                "It has been removed since. This run and its model need it no more; a new training with "
                "these options does."
            )
        metrics = self.name.fontMetrics()
        self.name.setText(metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, _ROOM))
        self.name.setToolTip(tip)
        self.name.setAccessibleName(f"{self._title.text()} {text}")
        set_style(self.name, "role", "warn" if self._is_gone else "second")
