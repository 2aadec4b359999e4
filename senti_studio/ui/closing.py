"""Closing the window while a job runs: one question, the first time only."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from senti_studio.ui.active_runs import ActiveRuns
from senti_studio.ui.context import UiContext
from senti_studio.ui.dialogs import Choice, MessageDialog
from senti_studio.ui.i18n import tr

GO_ON, STOP, CANCEL = 0, 1, 2


class ClosingQuestion(QObject):
    """Go on in the background (remembered), stop and keep the best, or stay."""

    def __init__(self, context: UiContext, runs: ActiveRuns, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._runs = runs
        self._window = window
        self.is_answered = False
        self.dialog: MessageDialog | None = None

    def may_close(self) -> bool:
        """True when nothing runs or the answer is known; otherwise asks."""
        if self.is_answered or not self._runs.running or self._context.settings.on_close == "continue":
            return True
        if self.dialog is None:
            self._ask()
        return False

    def _ask(self) -> None:
        trains = any(run.kind.trains for run in self._runs.running)
        title = (
            tr("The training goes on in the background")
            if trains
            else tr("The job goes on in the background")
        )
        text = tr(
            "It does not need this window. Open the project again at any time to see how far it is; "
            "this question is asked once and can be changed in the settings."
        )
        stop = tr("Stop and keep best") if trains else tr("Stop the job")
        choices = (Choice(tr("Go on in the background"), "primary"), Choice(stop), Choice(tr("Cancel")))
        self.dialog = self._context.dialogs.ask(title, text, choices, self._answered, icon="train")

    def _answered(self, choice: int) -> None:
        self.dialog = None
        if choice not in (GO_ON, STOP):
            return
        if choice == GO_ON:
            self._context.settings.on_close = "continue"
        else:
            for run in self._runs.running:
                run.folder.send("stop" if run.kind.trains else "cancel")
        self.is_answered = True
        self._window.close()
