"""What the menu Label offers for several people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from senti_studio.ui.context import UiContext

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog

    from senti_studio.storage.project import Project

ACTIONS = ("label.share", "label.merge", "label.agreement", "label.adjudicate")


class PeopleMenu(QObject):
    """Binds the actions for the life of the window; `dialog` is the one that was opened last."""

    def __init__(self, context: UiContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self.dialog: QDialog | None = None
        for name, slot in zip(ACTIONS, (self.share, self.merge, self.agreement, self.decide), strict=True):
            context.actions.bind(name, slot)
        context.session.project_changed.connect(self._opened)
        self._opened(None)

    @Slot(object)
    def _opened(self, project: Project | None) -> None:
        for name in ACTIONS:
            self._context.actions.set_enabled(name, project is not None)

    @Slot()
    def share(self) -> None:
        """Hands comments out."""
        from senti_studio.ui.people.share_dialog import ShareDialog

        if self._context.session.project is not None:
            self._open(ShareDialog(self._context, self._context.session.project))

    @Slot()
    def merge(self) -> None:
        """Takes another copy of the project in."""
        from senti_studio.ui.people.merge_dialog import MergeDialog

        if self._context.session.project is not None:
            self._open(MergeDialog(self._context, self._context.session.project))

    @Slot()
    def agreement(self) -> None:
        """How far people agree."""
        from senti_studio.ui.people.agreement_dialog import AgreementDialog

        if self._context.session.project is not None:
            dialog = AgreementDialog(self._context, self._context.session.project)
            dialog.decide_wanted.connect(self.decide)
            self._open(dialog)

    @Slot()
    def decide(self) -> None:
        """Disputed comments one by one."""
        from senti_studio.ui.people.deciding_dialog import DecidingDialog

        if self._context.session.project is not None:
            self._open(DecidingDialog(self._context, self._context.session.project))

    def _open(self, dialog: QDialog) -> None:
        self.dialog = dialog
        number = id(dialog)
        dialog.destroyed.connect(lambda: self._forget(number))
        dialog.open()

    def _forget(self, number: int) -> None:
        if self.dialog is not None and id(self.dialog) == number:
            self.dialog = None
