"""Step 4: where a new project goes, the progress of writing, and what came in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from senti_studio.domain.importing import ImportProgress, ImportReport
from senti_studio.paths import data_folder
from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.icons import pixmap
from senti_studio.ui.near_index import NearNote
from senti_studio.ui.widgets.banner import Banner
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.label_bars import LabelBar, LabelBars
from senti_studio.ui.widgets.progress import JobProgress
from senti_studio.ui.widgets.styles import set_style, text_label

_WIDTH = 680
_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


def project_name_for(path: Path) -> str:
    """A project name from the name of the first file."""
    return _FORBIDDEN.sub("_", path.name.split(".")[0]).strip() or "comments"


class PlaceCard(Card):
    """Name and folder of the new project; the folder is made when writing starts, not before."""

    changed = Signal()

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.name = QLineEdit(self)
        self.folder = QLineEdit(self)
        self.browse = button(" ", theme=context.theme, icon="folder")
        self.note = text_label(role="hint", wrap=True)
        self._words = (QLabel(self), QLabel(self))
        for label, field in zip(self._words, (self.name, self.folder), strict=True):
            label.setBuddy(field)
            label.setProperty("role", "second")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.folder, 1)
        row.addWidget(self.browse)
        self.body.addWidget(self._words[0])
        self.body.addWidget(self.name)
        self.body.addSpacing(4)
        self.body.addWidget(self._words[1])
        self.body.addLayout(row)
        self.body.addWidget(self.note)
        self.name.textChanged.connect(self._check)
        self.folder.textChanged.connect(self._check)
        self.browse.clicked.connect(self._browse)

    def retranslate(self) -> None:
        """All texts."""
        self.set_title(self.tr("Where the new project goes"))
        self._words[0].setText(self.tr("Name"))
        self._words[1].setText(self.tr("In the folder"))
        self.browse.setText(self.tr("Choose…"))
        self._check()

    def suggest(self, path: Path) -> None:
        """A free name from the first file."""
        folder = data_folder()
        base = name = project_name_for(path)
        number = 2
        while (folder / f"{name}.senti").exists():
            name, number = f"{base} {number}", number + 1
        self.name.setText(name)
        self.folder.setText(str(folder))

    def target(self) -> Path | None:
        """The project folder, or None while name or folder cannot be used."""
        name = self.name.text().strip().removesuffix(".senti")
        folder = self.folder.text().strip()
        if not name or _FORBIDDEN.search(name) or not folder:
            return None
        path = Path(folder).expanduser() / f"{name}.senti"
        return None if path.exists() else path

    @Slot()
    def _check(self) -> None:
        target = self.target()
        name = self.name.text().strip()
        if target is not None:
            text, role = self.tr("Will be made: {path}").format(path=target), "hint"
        elif not name:
            text, role = self.tr("Give the project a name."), "error"
        elif _FORBIDDEN.search(name):
            text, role = self.tr('A name must not contain \\ / : * ? " < > |.'), "error"
        else:
            text, role = self.tr("This folder exists already: choose another name or place."), "error"
        self.note.setText(text)
        set_style(self.note, "role", role)
        set_style(self.name, "state", "error" if role == "error" else "")
        self.changed.emit()

    @Slot()
    def _browse(self) -> None:
        dialog = QFileDialog(self, self.tr("Folder for the project"), self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.open()


class WriteStep(QWidget):
    """One of three cards: place, progress, result."""

    cancel_asked = Signal()
    label_asked = Signal()
    train_asked = Signal()
    data_asked = Signal()
    undo_asked = Signal()
    next_file_asked = Signal()

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.problem = Banner(theme=context.theme, kind="error", parent=self)
        self.problem.setMaximumWidth(_WIDTH)
        self.place = PlaceCard(context, self)
        self.progress = JobProgress(theme=context.theme, parent=self)
        self.progress.cancelled.connect(self.cancel_asked)
        self._safe = text_label(role="hint", wrap=True)
        self._progress_card = Card(parent=self)
        self._progress_card.body.addWidget(self.progress)
        self._progress_card.body.addWidget(self._safe)
        self.result = ResultCard(context, self)
        for button_, signal in (
            (self.result.label, self.label_asked),
            (self.result.train, self.train_asked),
            (self.result.data, self.data_asked),
            (self.result.undo, self.undo_asked),
            (self.result.next_file, self.next_file_asked),
        ):
            button_.clicked.connect(signal)
        self._stack = QStackedWidget(self)
        for card in (self.place, self._progress_card, self.result):
            self._stack.addWidget(_centred(card))
        self._stack.addWidget(QWidget(self))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.addWidget(self.problem, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._stack, 1)

    def retranslate(self) -> None:
        """All fixed texts."""
        self.place.retranslate()
        self.progress.retranslate()
        self.result.retranslate()
        self._safe.setText(
            self.tr("The window stays free: you can go on labelling. Cancelling leaves nothing behind.")
        )

    def show_place(self) -> None:
        """Asks for name and folder of the new project."""
        self._stack.setCurrentIndex(0)

    def show_idle(self) -> None:
        """Nothing is being written: only the banner says what happened."""
        self._stack.setCurrentIndex(3)

    def show_start(self, name: str) -> None:
        """Writing has begun."""
        self.problem.hide()
        self.progress.set_title(self.tr("Importing {name}").format(name=name))
        self.progress.set_progress(None)
        self.progress.cancel.setEnabled(True)
        self._stack.setCurrentIndex(1)

    def show_progress(self, progress: ImportProgress) -> None:
        """Rows, speed, time left."""
        done = progress.rows if progress.total else None
        self.progress.set_progress(done, progress.total, rows_per_s=progress.rows_per_s, eta=progress.eta)

    def show_cancelling(self) -> None:
        """The helper is told; it takes back what it wrote."""
        self.progress.cancel.setEnabled(False)
        self.progress.hint.setText(self.tr("taking back what was written…"))

    def show_result(self, report: ImportReport, bars: Sequence[LabelBar], waiting: int) -> None:
        """What came in, and what to do next."""
        self.result.show_report(report, bars, waiting)
        self._stack.setCurrentIndex(2)


class ResultCard(Card):
    """Counts, labels, next steps."""

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        theme = context.theme
        self._theme = theme
        self._picture = QLabel(self)
        self._title = text_label(size="title")
        self._text = text_label(role="second", wrap=True)
        self.bars = LabelBars(theme, self)
        self.near = NearNote(context.near, theme)
        self.label = button(" ", kind="primary", icon="tag", theme=theme)
        self.train = button(" ", icon="train", theme=theme)
        self.data = button(" ", icon="table", theme=theme)
        self.next_file = button(" ", icon="right", theme=theme)
        self.undo = button(" ", kind="quiet", icon="undo", theme=theme)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._picture)
        head.addWidget(self._title, 1)
        acts = QHBoxLayout()
        acts.setSpacing(8)
        for one in (self.next_file, self.label, self.train, self.data):
            acts.addWidget(one)
        acts.addStretch()
        acts.addWidget(self.undo)
        self.body.setContentsMargins(24, 20, 24, 20)
        self.body.addLayout(head)
        self.body.addWidget(self._text)
        self.body.addWidget(self.near, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self.bars)
        self.body.addSpacing(8)
        self.body.addLayout(acts)
        self.refresh_theme()

    def refresh_theme(self) -> None:
        """Tints the check."""
        self._picture.setPixmap(pixmap("check", self._theme, token="accent", size=22))

    def retranslate(self) -> None:
        """The buttons; the sentences come with `show_report`."""
        self.label.setText(self.tr("Start labelling"))
        self.train.setText(self.tr("Train a model"))
        self.data.setText(self.tr("See the comments"))
        self.undo.setText(self.tr("Undo this import"))
        self.near.refresh()

    def show_report(self, report: ImportReport, bars: Sequence[LabelBar], waiting: int) -> None:
        """Rows, labels, what was left out."""
        n = formats.number
        self._title.setText(
            self.tr("{count} comments from {name} are in the project").format(
                count=n(report.rows), name=report.name
            )
        )
        parts = [self.tr("{count} with a label").format(count=n(report.labelled))]
        if report.unmapped:
            parts.append(self.tr("{count} label values ignored").format(count=n(report.unmapped)))
        if report.skipped_blank:
            parts.append(self.tr("{count} empty texts left out").format(count=n(report.skipped_blank)))
        if report.skipped_bad:
            parts.append(self.tr("{count} rows that do not fit left out").format(count=n(report.skipped_bad)))
        if report.skipped_boilerplate:
            text = self.tr("{count} texts of the platform left out")
            parts.append(text.format(count=n(report.skipped_boilerplate)))
        if report.excluded:
            text = self.tr("{count} texts of the platform not used for training")
            parts.append(text.format(count=n(report.excluded)))
        if report.seconds >= 1:
            parts.append(self.tr("took {time}").format(time=formats.duration(report.seconds)))
        self._text.setText(" · ".join(parts))
        self.bars.set_rows(bars)
        self.bars.setVisible(bool(bars))
        self.undo.setEnabled(True)
        self.next_file.setVisible(waiting > 0)
        self.next_file.setText(self.tr("Next file ({count} waiting)").format(count=n(waiting)))
        self.next_file.set_kind("primary" if waiting else "plain")
        is_labelled = report.labelled >= 20
        self.label.set_kind(
            "plain" if waiting or (is_labelled and report.labelled == report.rows) else "primary"
        )
        self.train.set_kind(
            "primary" if not waiting and is_labelled and report.labelled == report.rows else "plain"
        )


def _centred(card: QWidget) -> QWidget:
    holder = QWidget()
    card.setFixedWidth(_WIDTH)
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(0, 24, 0, 0)
    layout.addWidget(card, 0, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
    layout.addStretch()
    return holder
