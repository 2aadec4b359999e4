"""Adding the encoder of a folder or a zip: what it is to be called on this computer."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QFormLayout, QLineEdit, QWidget

from senti_studio.errors import UserError
from senti_studio.messages import message
from senti_studio.shelf.places import name_for
from senti_studio.ui.i18n import current_language
from senti_studio.ui.pages.train.encoders.desk import ShelfDesk
from senti_studio.ui.pages.train.encoders.rows import Kind
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.form_dialog import FormDialog
from senti_studio.ui.widgets.styles import text_label

_WIDTH = 520
_SIDES = 130
"""What frame and title of the line take of the width."""


class AddDialog(FormDialog):
    """`wanted` with the path, and a name that no other encoder of the shelf has."""

    wanted = Signal(str, str)

    def __init__(self, theme: Theme, path: str, taken: Collection[str], parent: QWidget) -> None:
        super().__init__(parent, name="add_encoder", width=_WIDTH)
        self._path = path
        self._taken = {name.lower(): name for name in taken}
        self._title = text_label(size="label", bold=True)
        self._from_title, self._from = text_label(), text_label(role="second")
        self._name_title, self.name = text_label(), QLineEdit(self)
        self.trouble = text_label(role="error", size="small", wrap=True)
        self.start = button(theme=theme, kind="primary", icon="plus")
        self.leave = button(theme=theme)
        self._lay_out()
        self.name.setText(_name_of(Path(path)))
        self.name.selectAll()
        self.name.textChanged.connect(self._write)
        self.name.returnPressed.connect(self._begin)
        self.start.clicked.connect(self._begin)
        self.leave.clicked.connect(self.reject)
        self._retranslate()
        self._write()
        self.name.setFocus()

    def _lay_out(self) -> None:
        column = self.column(self._title)
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        form.addRow(self._from_title, self._from)
        form.addRow(self._name_title, self.name)
        self._name_title.setBuddy(self.name)
        column.addLayout(form)
        column.addWidget(self.trouble)
        column.addLayout(self.button_row((self.leave, self.start)))

    @property
    def problem(self) -> str:
        """What is wrong with the name, in a sentence; "" for nothing."""
        try:
            name = name_for(self.name.text())
        except UserError as error:
            return str(message(error.code, error.params, current_language()))
        if name.lower() in self._taken:
            taken = {"name": self._taken[name.lower()]}
            return str(message("ENCODER_NAME_TAKEN", taken, current_language()))
        return ""

    @Slot()
    def _begin(self) -> None:
        if self.start.isEnabled():
            self.wanted.emit(self._path, self.name.text().strip())
            self.accept()

    @Slot()
    def _write(self) -> None:
        problem = self.problem
        self.trouble.setText(problem)
        self.trouble.setVisible(bool(problem))
        self.start.setEnabled(not problem)
        self.fit()

    def _retranslate(self) -> None:
        self.setWindowTitle(self.tr("Add an encoder"))
        self._title.setText(self.tr("Add an encoder"))
        self._from_title.setText(self.tr("From"))
        metrics = self._from.fontMetrics()
        self._from.setText(
            metrics.elidedText(self._path, Qt.TextElideMode.ElideMiddle, self.width() - _SIDES)
        )
        self._from.setToolTip(self._path)
        self._name_title.setText(self.tr("Name here"))
        self.name.setAccessibleName(self.tr("Name of the encoder on this computer"))
        self.start.setText(self.tr("Add"))
        self.leave.setText(self.tr("Cancel"))


class Adding(QObject):
    """From a file dialog, or what was dropped, to a name, to the desk."""

    def __init__(self, theme: Theme, desk: ShelfDesk, page: QWidget) -> None:
        super().__init__(page)
        self._theme, self._desk, self._page = theme, desk, page
        self.dialog: AddDialog | None = None

    @Slot()
    def choose_folder(self) -> None:
        """Asks which folder."""
        self.ask_name(QFileDialog.getExistingDirectory(self._page, self.tr("Folder of an encoder")))

    @Slot()
    def choose_zip(self) -> None:
        """Asks which zip."""
        title, kind = self.tr("Zip of an encoder"), self.tr("Zip files (*.zip)")
        self.ask_name(QFileDialog.getOpenFileName(self._page, title, "", kind)[0])

    @Slot(str)
    def ask_name(self, path: str) -> None:
        """Asks what the encoder of a folder or a zip is to be called; nothing for no path."""
        if not path or self.dialog is not None:
            return
        taken = [row.name for row in self._desk.view.rows if row.kind is Kind.SHELF]
        self.dialog = AddDialog(self._theme, path, taken, self._page.window())
        self.dialog.wanted.connect(self._desk.add)
        self.dialog.finished.connect(self._closed)
        self.dialog.open()

    @Slot()
    def _closed(self) -> None:
        self.dialog = None


def _name_of(path: Path) -> str:
    """As the shelf would call it of its own accord; "" where there is no such name."""
    try:
        return name_for(path.stem if path.suffix.lower() == ".zip" and not path.is_dir() else path.name)
    except UserError:
        return ""
