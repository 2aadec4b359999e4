"""What the newest trained model says of the comment in view, and why: a small window beside the page.

The quick baseline goes on marking the comment itself; this asks a net that was trained on all labels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QDialog, QFrame, QVBoxLayout, QWidget

from senti_studio.domain.comments import Comment
from senti_studio.domain.labels import Label, labels_from_names
from senti_studio.ui.context import UiContext
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.label.voice_menu import VoiceMenu
from senti_studio.ui.reasons.desk import CACHE, Asked, ReasonsDesk
from senti_studio.ui.reasons.pane import ReasonsPane

if TYPE_CHECKING:
    from senti_studio.operations.models import ModelSummary

_WIDTH = 784


class ModelReasons(QObject):
    """`follow` tells which comment is in view; nothing is asked as long as the window is closed."""

    def __init__(self, context: UiContext, voices: VoiceMenu, page: QWidget) -> None:
        super().__init__(page)
        self._context, self._voices, self._page = context, voices, page
        self._comment: Comment | None = None
        self._may_show = False
        self.dialog: _Dialog | None = None
        context.actions.bind("view.reasons", self.open, page="label")

    @property
    def model(self) -> ModelSummary | None:
        """Who is asked: the model that makes the suggestions, else the newest one."""
        models = self._voices.models
        speaking = self._context.assistant.run
        chosen = [each for each in models if speaking and each.run_id == speaking]
        return next(iter(chosen or models), None)

    def follow(self, comment: Comment | None, may_show: bool) -> None:
        """The comment in view; ``may_show``: whether it may be labelled with help."""
        self._comment, self._may_show = comment, may_show
        if self.dialog is not None:
            self._ask()

    @Slot()
    def open(self) -> None:
        """Shows the window, or closes it."""
        if self.dialog is not None:
            self.dialog.close()
            return
        if self.model is None:
            self._context.toasts.show(tr("No model yet: train one first"))
            return
        self.dialog = _Dialog(self._context, self._page.window())
        self.dialog.finished.connect(self._closed)
        self.dialog.show()
        self._ask()

    @Slot()
    def _closed(self) -> None:
        if self.dialog is not None:
            self.dialog.desk.want(None)
        self.dialog = None

    def _ask(self) -> None:
        project, model, comment = self._context.session.project, self.model, self._comment
        if self.dialog is None:
            return
        if project is None or model is None or comment is None or not self._may_show:
            hint = "" if self._may_show or comment is None else tr("This comment is labelled without help.")
            self.dialog.show_nothing(hint)
            return
        known = {label.key: label for label in project.labels.list()}
        made = labels_from_names([(label.key, label.name) for label in model.labels])
        labels = tuple(known.get(label.key, label) for label in made)
        asked = Asked(model.folder, comment.text, (), project.cache_folder / CACHE, comment.id)
        self.dialog.show_comment(model.name, labels, asked)


class _Dialog(QDialog):
    """Stays beside the window and takes no keys from it."""

    def __init__(self, context: UiContext, window: QWidget) -> None:
        super().__init__(window, Qt.WindowType.Tool)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.resize(_WIDTH, 344)
        self.desk = ReasonsDesk(context.explainer, self)
        self.pane = ReasonsPane(context.theme, self.desk)
        self.pane.retranslate()
        card = QFrame(self)
        card.setProperty("card", True)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.pane)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(card)
        self.setWindowTitle(tr("Reasons of a model"))

    def show_comment(self, model: str, labels: tuple[Label, ...], asked: Asked) -> None:
        self.setWindowTitle(tr("Why {model} says so").format(model=model))
        self.pane.show_labels(labels, (tr("Predicted"),))
        self.desk.want(asked)

    def show_nothing(self, hint: str) -> None:
        self.desk.want(None)
        self.pane.state.setText(hint)
