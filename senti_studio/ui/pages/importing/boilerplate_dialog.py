"""The list of texts that a platform writes where a customer wrote nothing, to be edited during an import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from senti_studio.domain.boilerplate import DEFAULT_BOILERPLATE, SETTING, texts_of
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.importing.presenter import ImportPresenter
from senti_studio.ui.pages.page import Page
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.styles import text_label

if TYPE_CHECKING:
    from senti_studio.storage.project import Project


class BoilerplateDialog(QDialog):
    """Sends `taken` with the texts when the user saves them."""

    taken = Signal(object)

    def __init__(self, context: UiContext, texts: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Texts that the platform writes"))
        self.resize(520, 480)
        hint = self.tr(
            "One text a line. Comments that say just this count as written by the platform; "
            "blanks, width and case do not matter."
        )
        self.lines = QPlainTextEdit(self)
        self.lines.setPlainText("\n".join(texts))
        self.lines.setTabChangesFocus(True)
        self.lines.setAccessibleName(self.windowTitle())
        self.usual = button(self.tr("The usual list"), kind="quiet", theme=context.theme)
        self.save = button(self.tr("Use this list"), kind="primary", theme=context.theme)
        cancel = button(self.tr("Cancel"), theme=context.theme)
        self.usual.clicked.connect(lambda: self.lines.setPlainText("\n".join(DEFAULT_BOILERPLATE)))
        self.save.clicked.connect(self._save)
        cancel.clicked.connect(self.reject)
        acts = QHBoxLayout()
        acts.setSpacing(8)
        acts.addWidget(self.usual)
        acts.addStretch()
        acts.addWidget(cancel)
        acts.addWidget(self.save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(text_label(hint, role="second", wrap=True))
        layout.addWidget(self.lines, 1)
        layout.addLayout(acts)
        self.lines.setFocus()

    @Slot()
    def _save(self) -> None:
        self.taken.emit(texts_of(self.lines.toPlainText()))
        self.accept()


def edit_boilerplate(page: Page, presenter: ImportPresenter, project: Project | None) -> BoilerplateDialog:
    """Opens the list of ``project``, or (None) of the one that the import is to make; the rows are counted
    anew when it was changed."""
    listed = project.settings.get(SETTING) if project is not None else None
    if project is None and presenter.plan is not None:
        listed = presenter.plan.boilerplate_texts
    texts = [str(each) for each in listed] if isinstance(listed, (list, tuple)) else DEFAULT_BOILERPLATE
    dialog = BoilerplateDialog(page.context, texts, page)

    def take(texts: tuple[str, ...]) -> None:
        if project is None:
            presenter.choose_boilerplate_texts(texts)
        else:
            stored = project.settings.set(SETTING, list(texts))
            page.context.session.track(stored, on_success=lambda _: presenter.choose_boilerplate_texts(None))

    dialog.taken.connect(take)
    dialog.open()
    return dialog
