"""Right side of the page: live shares of the classes, and what is known of the chosen file."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from senti_studio.domain.exporting import numbered_columns
from senti_studio.domain.importing import ImportProgress
from senti_studio.domain.labels import Label, labels_from_names
from senti_studio.messages import message
from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.i18n import current_language
from senti_studio.ui.pages.classify.queue_item import ItemState, QueueItem
from senti_studio.ui.pages.classify.wording import (
    numbers_words,
    output_encoding_words,
    problem_sentence,
    reading_words,
    silence_sentence,
)
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.label_bars import LabelBar, LabelBars
from senti_studio.ui.widgets.progress import JobProgress
from senti_studio.ui.widgets.styles import set_style, text_label

_AROUND_TITLE, _LEAST_NAME = 16 + 8 + 16 + 4, 48


class SharesCard(Card):
    """Rows per class of the chosen file, live."""

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._whose: QueueItem | None = None
        self.bars = LabelBars(context.theme, self)
        self.note = text_label(role="hint", size="small", wrap=True)
        self.body.addWidget(self.bars)
        self.body.addWidget(self.note)

    def show_item(self, item: QueueItem | None, labels: Sequence[Label]) -> None:
        """Bars in the order of the labels; empty texts have none."""
        rows = item.label_rows if item is not None else {}
        self._whose = item if rows else None
        self._write_title()
        self.bars.set_rows(_bars(item, labels) if item is not None else [])
        self.bars.setVisible(bool(rows))
        self.note.setVisible(not rows or bool(item is not None and item.blank_rows))
        if rows and item is not None:
            text = self.tr("{count} empty texts have no label")
            self.note.setText(text.format(count=formats.number(item.blank_rows)))
        else:
            self.note.setText(self.tr("They grow here while the file is classified."))

    def _write_title(self) -> None:
        """With as much of the name of the file as there is room for; below, all of it is said."""
        title, subtitle = self.tr("Shares of the labels"), ""
        if self._whose is not None:
            live = self._whose.state.is_at_work
            text = self.tr("{name} · {count} rows, live") if live else self.tr("{name} · {count} rows")
            text = text.format(name="{name}", count=formats.number(self._whose.rows_done))
            metrics = self.subtitle_label.fontMetrics()
            taken = self.title_label.fontMetrics().horizontalAdvance(title) + _AROUND_TITLE
            room = self.width() - taken - metrics.horizontalAdvance(text.format(name=""))
            name = metrics.elidedText(self._whose.name, Qt.TextElideMode.ElideMiddle, room)
            subtitle = text.format(name=name) if room >= _LEAST_NAME else text.format(name="").lstrip(" ·")
        self.set_title(title, subtitle)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._write_title()


def _bars(item: QueueItem, labels: Sequence[Label]) -> list[LabelBar]:
    known = {label.key: label for label in labels}
    names = dict(item.labels)
    keys = list(dict.fromkeys([*(key for key, _ in item.labels), *known, *item.label_rows]))
    looks = {label.key: label for label in labels_from_names([(key, names.get(key, key)) for key in keys])}
    bars = []
    for key in keys:
        if key not in item.label_rows and key not in names:
            continue
        label = known.get(key) or looks[key]
        bars.append(LabelBar(names.get(key, label.name), label.appearance, item.label_rows.get(key, 0)))
    return bars


class ResultCard(Card):
    """Facts of the chosen file: how it is read, by which model, what was written, what to look at."""

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self.problem = text_label(role="error", wrap=True)
        self.warnings = text_label(role="warn", size="small", wrap=True)
        self.export = JobProgress(theme=context.theme, parent=self)
        self.export.cancel.hide()
        self.export.hide()
        self.body.addWidget(self.problem)
        self.body.addLayout(self._grid)
        self.body.addWidget(self.warnings)
        self.body.addWidget(self.export)
        self._warnings: dict[int, list[tuple[str, dict[str, object]]]] = {}
        self._item: QueueItem | None = None

    def show_item(self, item: QueueItem | None) -> None:
        """Everything that is known."""
        self._item = item
        self.setVisible(item is not None)
        if item is None:
            return
        self.set_title(self.tr("Result") if item.state is ItemState.DONE else self.tr("File"))
        is_wrong = item.state in (ItemState.PROBLEM, ItemState.FAILED)
        self.problem.setText(
            problem_sentence(item) if is_wrong else silence_sentence(item) if item.is_silent else ""
        )
        self.problem.setVisible(is_wrong or item.is_silent)
        set_style(self.problem, "role", "warn" if item.is_silent else "error")
        self._fill(self._facts(item))
        known = list(self._warnings.get(item.number, ()))
        if item.state is ItemState.DONE and (numbered := numbered_columns(item.output.get("columns", ()))):
            known.append(("COLUMNS_NUMBERED", dict(numbered)))
        warnings = [str(message(code, params, current_language())) for code, params in known]
        self.warnings.setText("\n".join(dict.fromkeys(warnings)))
        self.warnings.setVisible(bool(warnings))

    def add_warning(self, item: QueueItem, code: str, params: dict[str, object]) -> None:
        """A warning of the run; it stays with the file. What an encoding could not hold is told beside the
        button that writes the file again, and only as long as it is so."""
        if code == "CHARACTERS_REPLACED":
            return
        self._warnings.setdefault(item.number, []).append((code, params))
        if item is self._item:
            self.show_item(item)

    @Slot(object)
    def show_export(self, progress: ImportProgress | None) -> None:
        """Progress of writing once more; None: over."""
        self.export.setVisible(progress is not None)
        if progress is not None:
            self.export.set_title(self.tr("Writing the classified file…"))
            self.export.set_progress(
                progress.rows, progress.total, rows_per_s=progress.rows_per_s, eta=progress.eta
            )

    def _facts(self, item: QueueItem) -> list[tuple[str, str]]:
        n = formats.number
        facts = [(self.tr("File"), item.name)]
        if item.text_column is not None and item.text_column < len(item.columns):
            facts.append((self.tr("Read from column"), item.columns[item.text_column]))
        if item.options is not None:
            facts.append((self.tr("Read as"), reading_words(item)))
        if item.model_name:
            facts.append((self.tr("Model"), item.model_name))
        if item.rows:
            facts.append((self.tr("All rows"), n(item.rows)))
        if item.state is ItemState.DONE:
            if item.blank_rows:
                facts.append((self.tr("Empty texts"), n(item.blank_rows)))
            if item.elapsed:
                facts.append((self.tr("Took"), formats.duration(item.elapsed)))
            if numbers := numbers_words(item.output.get("numbers")):
                facts.append((self.tr("Computed in"), numbers))
            if item.output_path is not None:
                name, _ = output_encoding_words(str(item.output.get("encoding", "utf-8-sig")))
                facts.append((self.tr("Written to"), str(item.output_path)))
                facts.append((self.tr("Written as"), f"{name} · {formats.size(item.output.get('size'))}"))
        return facts

    def _fill(self, facts: Sequence[tuple[str, str]]) -> None:
        while self._grid.count():
            place = self._grid.takeAt(0)
            widget = place.widget() if place is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for row, (name, value) in enumerate(facts):
            title = text_label(name, role="hint")
            text = _Breaking(value, self)
            self._grid.addWidget(title, row, 0)
            self._grid.addWidget(text, row, 1)


class _Breaking(QLabel):
    """A value that may be one long path: it may break after every separator."""

    def __init__(self, text: str, parent: QWidget) -> None:
        breakable = text.replace("/", "/\u200b").replace("\\", "\\\u200b").replace("_", "_\u200b")
        super().__init__(breakable, parent)
        self.setWordWrap(True)
        self.setToolTip(text)
        self.setAccessibleName(text)
