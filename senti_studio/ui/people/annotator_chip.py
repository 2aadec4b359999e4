"""Who labels in this window: a button of the status bar, with a menu of the names that the project knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget

from senti_studio.ui.context import UiContext
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import tr
from senti_studio.ui.icons import icon
from senti_studio.ui.operations import run_operation
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.styles import text_label

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

LONGEST_NAME = 40


class AnnotatorChip(QToolButton):
    """Shown while a project is open; the names are read off the GUI thread when the menu opens."""

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._names: tuple[str, ...] = ()
        self.setObjectName("annotator")
        self.setFont(font("small"))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(14, 14))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.choices = QMenu(self)
        self.choices.aboutToShow.connect(self._fill)
        self.setMenu(self.choices)
        session = context.session
        session.annotator_changed.connect(self.retranslate)
        session.project_changed.connect(self._opened)
        context.theme.changed.connect(self.retranslate)
        self._opened(None)

    @Slot()
    def retranslate(self) -> None:
        name = self._context.session.annotator
        self.setIcon(icon("user", self._context.theme, size=14))
        self.setText(tr("Labelling as {name}").format(name=name))
        self.setAccessibleName(self.text())
        self.setToolTip(tr("Under which name this window stores labels; another window may have another"))

    @Slot(object)
    def _opened(self, project: Project | None) -> None:
        self._names = ()
        self.setVisible(project is not None)
        self.retranslate()
        self._read()

    @Slot()
    def _read(self) -> None:
        """Who labelled, and to whom comments were handed out; somebody may have come in meanwhile."""
        project = self._context.session.project
        if project is None:
            return

        def work() -> tuple[str, ...]:
            given = (share.person for share in project.people.shares())
            return tuple(dict.fromkeys((*(person.name for person in project.people.names()), *given)))

        def know(names: tuple[str, ...]) -> None:
            known = tuple(dict.fromkeys((*names, *self._names)))
            if project is self._context.session.project and known != self._names:
                self._names = known
                self._list_names()

        run_operation(self, work, on_success=know, on_failure=lambda _: None)

    @Slot()
    def _fill(self) -> None:
        self._list_names()
        self._read()

    def _list_names(self) -> None:
        self.choices.clear()
        own = self._context.session.annotator
        for name in dict.fromkeys((own, *self._names)):
            action = self.choices.addAction(name.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(name == own)
            action.triggered.connect(lambda _=False, chosen=name: self.choose(chosen))
        self.choices.addSeparator()
        self.choices.addAction(tr("Another name…")).triggered.connect(self.ask)

    def choose(self, name: str) -> None:
        """Labels of this window are stored under ``name`` from now on."""
        self._names = tuple(dict.fromkeys((*self._names, self._context.session.annotator)))
        self._context.session.choose_annotator(name)

    @Slot()
    def ask(self) -> None:
        """Asks for a name that the project does not know yet."""
        NameDialog(self._context, self).open()


class NameDialog(QDialog):
    """One field, and what the name is for."""

    def __init__(self, context: UiContext, chip: AnnotatorChip) -> None:
        super().__init__(context.dialogs.window)
        self._chip = chip
        self.setWindowTitle(tr("Your name"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(420)
        self.field = QLineEdit()
        self.field.setMaxLength(LONGEST_NAME)
        self.field.setAccessibleName(tr("Your name"))
        self.field.setPlaceholderText(context.session.annotator)
        self.done_button = button(tr("Label under this name"), theme=context.theme, kind="primary")
        self.done_button.setDefault(True)
        self.done_button.setEnabled(False)
        self.done_button.clicked.connect(self.accept)
        self.field.textChanged.connect(lambda text: self.done_button.setEnabled(bool(text.strip())))
        cancel = button(tr("Cancel"), theme=context.theme)
        cancel.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.done_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(text_label(tr("Who labels in this window?"), size="label", bold=True))
        layout.addWidget(self.field)
        words = tr("Labels, undo and history are kept by name. Other windows keep theirs.")
        layout.addWidget(text_label(words, role="hint", size="small", wrap=True))
        layout.addLayout(row)

    def accept(self) -> None:
        if self.field.text().strip():
            self._chip.choose(self.field.text().strip())
            super().accept()
