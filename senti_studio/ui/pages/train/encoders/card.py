"""The card of encoders: the list, what is said of one of them, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from senti_studio.ui.pages.train.encoders import words
from senti_studio.ui.pages.train.encoders.desk import Work
from senti_studio.ui.pages.train.encoders.rows import EncoderRow, Kind
from senti_studio.ui.pages.train.encoders.table import EncoderView, Line
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.progress import progress_bar
from senti_studio.ui.widgets.styles import line, set_style, text_label

_LINES_OF_DETAILS = 2
_WIDE = 560
"""Below it there is no room for the words beside the title."""
_BESIDE_BAR = 260


class EncoderCard(Card):
    """Its signals are wishes; `chosen` carries what a training names the encoder by."""

    chosen = Signal(str)
    folder_asked = Signal()
    zip_asked = Signal()
    dropped = Signal(str)
    download_asked = Signal()
    more_asked = Signal()
    act_asked = Signal(object)  # EncoderRow: put on the shelf, go on, bring back
    check_asked = Signal(object)
    rename_asked = Signal(object)
    remove_asked = Signal(object)
    cancel_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setObjectName("encoder_card")
        self.setAcceptDrops(True)
        self._said: dict[str, tuple[str, str]] = {}
        self._removed: frozenset[str] = frozenset()
        self._is_busy = self._is_loading = self._has_encoders = self._is_known = False
        self._has_start = False
        self.add = button(theme=theme, icon="plus")
        self.download = button(theme=theme, icon="import")
        self.more = button(theme=theme, kind="quiet", icon="more", name=self.tr("More about encoders"))
        self._menu = QMenu(self.add)
        self._from_folder = self._menu.addAction("", self.folder_asked.emit)
        self._from_zip = self._menu.addAction("", self.zip_asked.emit)
        self.add.setMenu(self._menu)
        self.hint = text_label(role="second", size="small", wrap=True)
        self.view = EncoderView(theme, self)
        self.details = text_label(role="hint", size="small", wrap=True)
        self.details.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.details.setMinimumHeight(_LINES_OF_DETAILS * self.details.fontMetrics().lineSpacing())
        self.act, self.check = button(theme=theme), button(theme=theme, icon="check")
        self.rename = button(theme=theme)
        self.remove = button(theme=theme, icon="trash")
        self.acts_row = QHBoxLayout()
        """What can be done with the current encoder; more can be put before the stretch."""
        self._at_work = QWidget(self)
        self._doing = text_label(role="second", size="small")
        self._share = progress_bar(thin=True)
        self.cancel = button(theme=theme)
        self.subtitle_label.setMinimumWidth(1)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        for each in (self.add, self.download, self.more):
            each.set_dense()
            self.header.addWidget(each)
        self.body.setContentsMargins(0, 0, 0, 10)
        self.body.setSpacing(0)
        self.hint.setContentsMargins(16, 10, 16, 10)
        self.body.addWidget(self.hint)
        self.body.addWidget(self.view)
        self.body.addWidget(line())
        below = QVBoxLayout()
        below.setContentsMargins(16, 8, 16, 0)
        below.setSpacing(8)
        below.addWidget(self.details)
        self.acts_row.setSpacing(8)
        for each in (self.act, self.check, self.rename, self.remove):
            each.set_dense()
            self.acts_row.addWidget(each)
        self.acts_row.addStretch(1)
        below.addLayout(self.acts_row)
        doing = QHBoxLayout(self._at_work)
        doing.setContentsMargins(0, 0, 0, 0)
        doing.setSpacing(12)
        doing.addWidget(self._doing)
        doing.addWidget(self._share, 1)
        self.cancel.set_dense()
        doing.addWidget(self.cancel)
        below.addWidget(self._at_work)
        self._at_work.hide()
        self.body.addLayout(below)

    def _connect(self) -> None:
        self.download.clicked.connect(self.download_asked)
        self.more.clicked.connect(self.more_asked)
        self.cancel.clicked.connect(self.cancel_asked)
        self.view.activated_line.connect(self._activate)
        self.view.removal_wanted.connect(self._remove_line)
        self.view.current_changed.connect(self._write)
        for made, signal in (
            (self.act, self.act_asked), (self.check, self.check_asked), (self.rename, self.rename_asked),
            (self.remove, self.remove_asked),
        ):  # fmt: skip
            made.clicked.connect(lambda _=False, signal=signal: self._tell_current(signal))

    @property
    def current(self) -> EncoderRow | None:
        """The one that the keyboard is on."""
        line = self.view.current
        return line.row if line is not None else None

    def show_lines(
        self,
        lines: Sequence[Line],
        *,
        on_card: bool,
        has_encoders: bool,
        is_known: bool,
        has_start: bool,
    ) -> None:
        """Shows the encoders; ``has_encoders``: the shelf has any; ``has_start``: the training begins with an
        earlier model."""
        self.view.show_lines(lines, on_card=on_card)
        self._has_encoders, self._is_known, self._has_start = has_encoders, is_known, has_start
        self._write_hint()
        self._write()

    def show_removed(self, names: Sequence[str]) -> None:
        """Those that can be brought back."""
        self._removed = frozenset(names)
        self._write()

    def show_work(self, work: Work | None, loading: Work | None) -> None:
        """What is being added or checked, with a bar; while that lasts nothing else of the kind can begin."""
        self._is_busy, self._is_loading = work is not None, loading is not None
        self._at_work.setVisible(work is not None)
        if work is not None:
            title = self.tr("Adding {name}") if work.what == "add" else self.tr("Checking {name}")
            told = [title.format(name=work.name), words.progress_words(work)]
            self._doing.setToolTip(" · ".join(part for part in told if part))
            room = max(100, self.width() - _BESIDE_BAR)
            self._doing.setText(
                self._doing.fontMetrics().elidedText(
                    self._doing.toolTip(), Qt.TextElideMode.ElideMiddle, room
                )
            )
            self._share.setAccessibleName(self._doing.toolTip())
            self._share.setRange(0, 1000 if work.total else 0)
            if work.total:
                self._share.setValue(round(1000 * min(1.0, work.done / work.total)))
        self._write()

    def say(self, name: str, text: str, role: str) -> None:
        """What a check has found of one encoder, for as long as the page lives."""
        self._said[name] = (text, role)
        self._write()

    def forget(self, name: str) -> None:
        """What was said of an encoder holds no more."""
        self._said.pop(name, None)

    def _write_hint(self) -> None:
        text = self.tr("Looking at the shelf of this computer…")
        if self._is_known:
            text = self.tr(
                "No encoder that has read Chinese before is on this computer. Add its folder or zip, or "
                "download one by its id. New ones, below, begin with nothing."
            )
        if self._has_start:
            text = self.tr(
                "The training begins with an earlier model and has its encoder, not the one chosen here."
            )
        self.hint.setText(text)
        self.hint.setVisible(self._has_start or not self._has_encoders)

    @Slot()
    def _write(self) -> None:
        line = self.view.current
        row = line.row if line is not None else None
        text, role = words.details(row, line.found) if row is not None and line is not None else ("", "hint")
        if row is not None and row.name in self._said and row.kind in (Kind.SHELF, Kind.FOLDER):
            text, role = self._said[row.name]
        self.details.setText(text)
        set_style(self.details, "role", role)
        self._write_buttons(row)
        self._fit()

    def _write_buttons(self, row: EncoderRow | None) -> None:
        kind = row.kind if row is not None else None
        texts = {
            Kind.ELSEWHERE: self.tr("Put on the shelf"),
            Kind.FOLDER: self.tr("Put on the shelf"),
            Kind.UNFINISHED: self.tr("Go on downloading…"),
            Kind.GONE: self.tr("Bring back"),
        }
        may_act = kind in texts and (kind is not Kind.GONE or (row is not None and row.name in self._removed))
        self.act.setVisible(may_act)
        self.act.setText(texts[kind] if kind is not None and kind in texts else " ")
        self.act.setEnabled(not (self._is_loading if kind is Kind.UNFINISHED else self._is_busy))
        self.check.setVisible(kind in (Kind.SHELF, Kind.FOLDER))
        self.check.setEnabled(not self._is_busy)
        self.rename.setVisible(row is not None and row.may_be_removed)
        is_unfinished = kind is Kind.UNFINISHED
        self.remove.setVisible(is_unfinished or (row is not None and row.may_be_removed))
        self.remove.setText(self.tr("Delete what is there") if is_unfinished else self.tr("Remove"))
        self.remove.setEnabled(not (row is not None and row.is_at_work))
        self._from_folder.setEnabled(not self._is_busy)
        self._from_zip.setEnabled(not self._is_busy)
        name = row.name if row is not None else ""
        for made in (self.act, self.check, self.rename, self.remove):
            made.setAccessibleName(f"{made.text()} {name}".strip())

    def _tell_current(self, signal: Signal) -> None:
        row = self.current
        if row is not None:
            signal.emit(row)  # type: ignore[attr-defined]  # bound by Qt

    @Slot(object)
    def _activate(self, line: Line) -> None:
        if line.row.may_be_chosen:
            self.chosen.emit(line.row.key)
        elif self.act.isVisible() and self.act.isEnabled():
            self.act_asked.emit(line.row)

    @Slot(object)
    def _remove_line(self, line: Line) -> None:
        if self.remove.isVisible() and self.remove.isEnabled():
            self.remove_asked.emit(line.row)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._write_header()
        self._fit()

    def _write_header(self) -> None:
        is_wide = self.width() >= _WIDE
        self.subtitle_label.setVisible(is_wide)
        self.download.setText(self.tr("Download by id…") if is_wide else self.tr("Download…"))

    def _fit(self) -> None:
        """As high as its sentences are at this width, which the stack of pages around it does not ask for."""
        layout = self.layout()
        if layout is not None:
            self.setMinimumHeight(layout.totalHeightForWidth(self.width()))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if not self._is_busy and _encoder_in(event.mimeData().urls()):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _encoder_in(event.mimeData().urls())
        if path:
            event.acceptProposedAction()
            self.dropped.emit(path)

    def retranslate(self) -> None:
        self.set_title(self.tr("Encoder"), self.tr("what a BERT knows before it learns"))
        self.add.setText(self.tr("Add"))
        self.add.setToolTip(self.tr("Add a folder or a zip; you may also drop one here"))
        self._from_folder.setText(self.tr("Folder…"))
        self._from_zip.setText(self.tr("Zip…"))
        self._write_header()
        self.more.setToolTip(self.tr("More about encoders"))
        self.more.setAccessibleName(self.tr("More about encoders"))
        self.check.setText(self.tr("Check"))
        self.check.setToolTip(self.tr("Looks at every byte of it: is it whole, what is it, does it fit"))
        self.rename.setText(self.tr("Rename…"))
        self.cancel.setText(self.tr("Cancel"))
        self.view.setAccessibleName(self.tr("Encoders"))
        self.view.lines.retranslate()
        self._said.clear()  # sentences of the language before
        self._write_hint()
        self._write()


def _encoder_in(urls: Sequence[QUrl]) -> str:
    """The one folder or zip that is being dragged, "" for anything else."""
    paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    if len(paths) == 1 and (paths[0].is_dir() or paths[0].suffix.lower() == ".zip"):
        return str(paths[0])
    return ""
