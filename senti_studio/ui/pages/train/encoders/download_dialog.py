"""Downloading an encoder by its id: from which hub, how far it is, and what went wrong."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QLineEdit, QWidget

from senti_studio.messages import message
from senti_studio.ui.i18n import current_language
from senti_studio.ui.pages.train.encoders import words
from senti_studio.ui.pages.train.encoders.desk import CANCELLED, Work
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.form_dialog import FormDialog
from senti_studio.ui.widgets.progress import progress_bar
from senti_studio.ui.widgets.styles import set_style, text_label


class DownloadDialog(FormDialog):
    """`wanted` with id, hub ("" for the usual one), whether that is to be remembered, and a name ("" for its
    own). Closing it leaves a download at work; `cancel_wanted` stops it."""

    wanted = Signal(str, str, bool, str)
    cancel_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, name="download_encoder", width=560)
        self._is_at_work = self._was_begun = False
        self._title = text_label(size="label", bold=True)
        self._about = text_label(role="second", wrap=True)
        self.identity, self.name, self.endpoint = QLineEdit(self), QLineEdit(self), QLineEdit(self)
        self._identity_title, self._name_title, self._endpoint_title = (
            QLabel(self),
            QLabel(self),
            QLabel(self),
        )
        self._example = text_label(role="hint", size="small", wrap=True)
        self._endpoint_hint = text_label(role="hint", size="small", wrap=True)
        self.remember = QCheckBox(self)
        self.bar = progress_bar()
        self.told = text_label(role="second", size="small")
        self.trouble = text_label(role="error", wrap=True)
        self.start = button(theme=theme, kind="primary", icon="import")
        self.cancel, self.leave = button(theme=theme), button(theme=theme)
        self._lay_out()
        self._connect()
        self._retranslate()
        self._write()

    def _lay_out(self) -> None:
        column = self.column(self._title, self._about)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.addWidget(self._identity_title, 0, 0)
        grid.addWidget(self.identity, 0, 1)
        grid.addWidget(self._example, 1, 1)
        grid.setRowMinimumHeight(2, 6)
        grid.addWidget(self._name_title, 3, 0)
        grid.addWidget(self.name, 3, 1)
        grid.setRowMinimumHeight(4, 6)
        grid.addWidget(self._endpoint_title, 5, 0)
        grid.addWidget(self.endpoint, 5, 1)
        grid.addWidget(self._endpoint_hint, 6, 1)
        grid.addWidget(self.remember, 7, 1)
        self._identity_title.setBuddy(self.identity)
        self._name_title.setBuddy(self.name)
        self._endpoint_title.setBuddy(self.endpoint)
        column.addLayout(grid)
        column.addWidget(self.bar)
        column.addWidget(self.told)
        column.addWidget(self.trouble)
        column.addLayout(self.button_row((self.leave, self.cancel, self.start)))

    def _connect(self) -> None:
        self.identity.textChanged.connect(self._write)
        self.endpoint.textChanged.connect(self._write)
        for field in (self.identity, self.name, self.endpoint):
            field.returnPressed.connect(self._begin)
        self.start.clicked.connect(self._begin)
        self.cancel.clicked.connect(self.cancel_wanted)
        self.leave.clicked.connect(self.reject)

    def set_endpoint(self, usual: str) -> None:
        """Where encoders come from unless another hub is named."""
        self.endpoint.setPlaceholderText(usual)

    def fill(self, identity: str, endpoint: str) -> None:
        """What is to be gone on with."""
        self._was_begun = bool(identity)
        self.identity.setText(identity)
        self.endpoint.setText(endpoint)
        (self.start if identity else self.identity).setFocus()
        self._write()

    def show_work(self, work: Work | None) -> None:
        """How far the download is; None while there is none."""
        if work is not None and not self._is_at_work:
            self.trouble.clear()
            if not self.identity.text().strip():
                self.identity.setText(work.name)  # the dialog was closed and opened again meanwhile
        self._is_at_work = work is not None
        if work is not None:
            self.bar.setRange(0, 1000 if work.total else 0)
            if work.total:
                self.bar.setValue(round(1000 * min(1.0, work.done / work.total)))
            self.told.setText(words.progress_words(work) or self.tr("Asking the hub…"))
            self.bar.setAccessibleName(self.told.text())
        self._write()

    def show_failure(self, code: str, params: Mapping[str, object]) -> None:
        """Why the download ended, and what to do."""
        self._is_at_work = False
        self._was_begun = True
        if code == CANCELLED:
            text, role = self.tr("Stopped. What is there stays; going on does not begin anew."), "second"
        else:
            text, role = str(message(code, params, current_language())), "error"
        self.trouble.setText(text)
        set_style(self.trouble, "role", role)
        self._write()
        self.start.setFocus()

    @Slot()
    def _begin(self) -> None:
        identity = self.identity.text().strip()
        if identity and not self._is_at_work:
            endpoint = self.endpoint.text().strip()
            remember = self.remember.isChecked() and bool(endpoint)
            self.wanted.emit(identity, endpoint, remember, self.name.text().strip())

    @Slot()
    def _write(self) -> None:
        at_work = self._is_at_work
        for each in (self.identity, self.name, self.endpoint, self.remember):
            each.setEnabled(not at_work)
        self.remember.setEnabled(not at_work and bool(self.endpoint.text().strip()))
        self.bar.setVisible(at_work)
        self.told.setVisible(at_work)
        self.trouble.setVisible(not at_work and bool(self.trouble.text()))
        self.start.setVisible(not at_work)
        self.start.setEnabled(bool(self.identity.text().strip()))
        self.start.setText(self.tr("Go on") if self._was_begun else self.tr("Download"))
        self.cancel.setVisible(at_work)
        self.leave.setText(self.tr("Go on in the background") if at_work else self.tr("Close"))
        self.fit()

    def _retranslate(self) -> None:
        self.setWindowTitle(self.tr("Download an encoder"))
        self._title.setText(self.tr("Download an encoder"))
        self._about.setText(
            self.tr(
                "Only now a network is asked. Each file is compared with what the hub states, and no "
                "program that comes with an encoder is downloaded or run."
            )
        )
        self._identity_title.setText(self.tr("Id"))
        self.identity.setPlaceholderText("hfl/rbt3")
        self.identity.setAccessibleName(self.tr("Id of the encoder on the hub"))
        self._example.setText(
            self.tr("owner/name, such as hfl/rbt3 (small) or hfl/chinese-macbert-base; @revision if need be")
        )
        self._name_title.setText(self.tr("Name here"))
        self.name.setPlaceholderText(self.tr("as it is called there"))
        self.name.setAccessibleName(self.tr("Name of the encoder on this computer"))
        self._endpoint_title.setText(self.tr("Hub"))
        self.endpoint.setAccessibleName(self.tr("Address of the hub or of a mirror"))
        self._endpoint_hint.setText(
            self.tr("Empty: the usual one. A mirror, for example: https://hf-mirror.com")
        )
        self.remember.setText(self.tr("Use this address from now on"))
        self.cancel.setText(self.tr("Cancel"))
