"""The menu of who makes the suggestions: the quick assistant, or a model that was trained in this project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QMenu, QWidget

from senti_studio.ui.context import UiContext
from senti_studio.ui.formats import score
from senti_studio.ui.i18n import tr
from senti_studio.ui.operations import run_operation

if TYPE_CHECKING:
    from senti_studio.operations.models import ModelSummary
    from senti_studio.storage.project import Project

QUICK = "assistant"


class VoiceMenu(QMenu):
    """The list of models is read off the GUI thread when the project opens and whenever runs change."""

    def __init__(self, context: UiContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self.models: tuple[ModelSummary, ...] = ()
        self.aboutToShow.connect(self.fill)
        context.session.project_changed.connect(self._opened)
        context.session.runs_changed.connect(self.look)
        self.look()

    def name_of(self, source: str) -> str:
        """What the card calls who speaks: the quick model, or the run by its name."""
        if source in ("", QUICK):
            return tr("Quick baseline")
        return next((model.name for model in self.models if source in (model.id, model.run_id)), source)

    @Slot(object)
    def _opened(self, _project: object) -> None:
        self.models = ()
        self.look()

    @Slot()
    def look(self) -> None:
        """Reads which models there are."""
        project = self._context.session.project
        if project is None:
            return

        def work() -> tuple[ModelSummary, ...]:
            from senti_studio.operations.models import list_models

            return tuple(model for model in list_models(project) if not model.is_kept)

        run_operation(
            self, work, on_success=lambda found: self._take(project, found), on_failure=lambda _: None
        )

    def _take(self, project: Project, models: tuple[ModelSummary, ...]) -> None:
        if project is self._context.session.project:
            self.models = models

    @Slot()
    def fill(self) -> None:
        """Made anew whenever it opens."""
        assistant = self._context.assistant
        self.clear()
        self.addSection(tr("Suggestions by"))
        self._add(tr("Quick baseline, learns while you label"), "")
        for model in self.models:
            figure = f"  F1 {score(model.macro_f1)}" if model.macro_f1 is not None else ""
            self._add(f"{model.name}{figure}", model.run_id)
        if not assistant.is_at_hand and self._context.session.project is not None:
            self.addSeparator()
            self.addAction(tr("Start the assistant again"), assistant.try_again)

    def _add(self, text: str, run: str) -> None:
        assistant = self._context.assistant
        action = self.addAction(text.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(assistant.run == run)
        action.triggered.connect(lambda _=False: assistant.use_model(run))
