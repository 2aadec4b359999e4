"""Cards of the properties of a project: its files, and what counts as written by the platform."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QGridLayout, QPlainTextEdit

from senti_studio.domain.boilerplate import DEFAULT_BOILERPLATE
from senti_studio.domain.comments import Source
from senti_studio.ui import formats
from senti_studio.ui.i18n import counted, marked, tr
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.styles import text_label


class FilesCard(Card):
    """The imported files, and those that were taken out; signals carry the `Source`."""

    take_out_wanted = Signal(object)
    bring_back_wanted = Signal(object)
    purge_wanted = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(tr("Imported files"))
        self._theme = theme
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setColumnStretch(0, 1)
        self.body.addLayout(self._grid)
        self.body.addStretch(1)

    def show_files(self, present: Sequence[Source], removed: Sequence[tuple[Source, datetime]]) -> None:
        """``removed``: with the time at which each was taken out."""
        clear(self._grid)
        for source in present:
            self._row(source, [("trash", tr("Take out"), self.take_out_wanted)])
        for source, removed_at in removed:
            acts = [
                ("undo", tr("Bring back"), self.bring_back_wanted),
                ("x", tr("Delete for good"), self.purge_wanted),
            ]
            self._row(source, acts, removed_at)
        if not present and not removed:
            self._grid.addWidget(text_label(tr("No file has been imported yet."), role="hint"), 0, 0)

    def _row(
        self,
        source: Source,
        acts: Sequence[tuple[str, str, SignalInstance]],
        removed_at: datetime | None = None,
    ) -> None:
        row = self._grid.rowCount()
        self._grid.addWidget(text_label(source.name, role="hint" if removed_at else ""), row, 0)
        words = counted(source.row_count, marked("1 comment"), marked("{n} comments"))
        count = words.format(n=formats.number(source.row_count))
        self._grid.addWidget(text_label(count, role="second", size="small"), row, 1)
        if removed_at is None:
            when = tr("imported {when}").format(when=formats.when(source.imported_at))
        else:
            when = tr("taken out {when}").format(when=formats.when(removed_at))
        self._grid.addWidget(text_label(when, role="hint", size="small"), row, 2)
        for place, (icon, text, wanted) in enumerate(acts):
            made = button(text, theme=self._theme, kind="quiet", icon=icon)
            made.set_dense()
            made.clicked.connect(lambda _=False, tell=wanted: tell.emit(source))
            self._grid.addWidget(made, row, 3 + place)


class PlatformCard(Card):
    """The project's own list of boiler-plate texts, one a line; ``listed``: what is stored, else the usual
    ones."""

    def __init__(self, theme: Theme, listed: object) -> None:
        super().__init__(tr("Written by the platform"))
        hint = tr(
            "One text a line. Comments that say just this are counted when a file is imported; they are kept."
        )
        self.texts = QPlainTextEdit()
        self.texts.setAccessibleName(tr("Written by the platform"))
        self.texts.setFixedHeight(112)
        self.texts.setTabChangesFocus(True)
        self.save = button(tr("Save the list"), theme=theme)
        self.save.setEnabled(False)
        self.texts.modificationChanged.connect(self.save.setEnabled)
        self.body.addWidget(text_label(hint, role="hint", size="small", wrap=True))
        self.body.addWidget(self.texts)
        self.body.addWidget(self.save, 0, Qt.AlignmentFlag.AlignLeft)
        known = listed if isinstance(listed, list) else DEFAULT_BOILERPLATE
        self.texts.setPlainText("\n".join(str(each) for each in known))
        self.texts.document().setModified(False)

    def lines(self) -> list[str]:
        """What was typed, each text once."""
        lines = dict.fromkeys(line.strip() for line in self.texts.toPlainText().splitlines())
        return [line for line in lines if line]


def fill(grid: QGridLayout, rows: Sequence[tuple[str, str]]) -> None:
    """Shows names and values, instead of what was there."""
    clear(grid)
    for place, (name, value) in enumerate(rows):
        grid.addWidget(text_label(name, role="second"), place, 0)
        shown = text_label(value)
        shown.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(shown, place, 1)


def clear(grid: QGridLayout) -> None:
    """Takes everything out of a grid."""
    while (item := grid.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
