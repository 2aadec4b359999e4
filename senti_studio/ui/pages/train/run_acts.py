"""What the page does with one run beyond looking at it: menu, discard, retry, log, and news of its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QPoint, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMenu, QWidget

from senti_studio.domain.architectures import default_options, with_encoder
from senti_studio.domain.run_states import RunState
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Failed, Trial
from senti_studio.operations.encoders import defaults_like
from senti_studio.operations.repetition import options_with
from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.dialogs import Choice
from senti_studio.ui.model_acts import ModelActs
from senti_studio.ui.models.run_table import RunRow
from senti_studio.ui.operations import Failure, run_operation
from senti_studio.ui.pages.train.form import request_of, teaching_of
from senti_studio.ui.pages.train.history import RunHistory
from senti_studio.ui.pages.train.live_run import LiveRun
from senti_studio.ui.pages.train.presenter import TrainPresenter
from senti_studio.ui.pages.train.project_side import options_to_go_on
from senti_studio.ui.pages.train.rows import QUEUE_PREFIX
from senti_studio.ui.pages.train.run_words import ending_words
from senti_studio.ui.pages.train.side_cards import LogDialog, log_text
from senti_studio.ui.pages.train.waiting import Wish


def options_for_retry(history: RunHistory) -> TrainingOptions:
    """The options of a run, with half the batch size when it ran out of memory."""
    options = history.spec.options if history.spec is not None else TrainingOptions()
    terminal = history.status.terminal
    if isinstance(terminal, Failed) and "MEMORY" in terminal.code:
        return replace(options, batch_size=max(1, options.batch_size // 2))
    return options


class RunActs(QObject):
    """Asks where something could be lost, and says what happened."""

    evaluation_wanted = Signal(str)
    retry_wanted = Signal(object)  # Wish
    options_found = Signal(object)  # option -> value

    def __init__(self, context: UiContext, presenter: TrainPresenter, page: QWidget) -> None:
        super().__init__(page)
        self._context = context
        self._presenter = presenter
        self._page = page
        self.models = ModelActs(context, page)
        presenter.run_ended.connect(self._tell_end)
        presenter.run_silent.connect(self._tell_silence)
        presenter.discarded.connect(self._tell_discarded)

    def row_action(self, row: RunRow) -> None:
        """What the last column of the row offers."""
        acts: dict[str, Callable[[], object]] = {
            "evaluate": lambda: self.evaluation_wanted.emit(row.id),
            "resume": lambda: self._presenter.resume(row.id),
            "remove": lambda: self._presenter.remove_waiting(_place(row)),
            "retry": lambda: self._retry_row(row),
            "train_on": lambda: self.train_on(row.made_encoder),
        }
        if row.action:
            acts[row.action]()

    @Slot(str)
    def find_options(self, model_id: str) -> None:
        """Who begins with a model has its size: `options_found`."""
        project = self._presenter.project
        if project is not None and model_id:
            run_operation(
                self,
                lambda: options_to_go_on(project, model_id),
                on_success=self.options_found.emit,
                on_failure=self._not_found,
            )

    def _not_found(self, error: Failure) -> None:
        self._context.dialogs.error(error)

    def _retry_row(self, row: RunRow) -> None:
        self._presenter.show_run(row.id)
        if self._presenter.shown is not None:
            self.retry(self._presenter.shown)

    def retry(self, live: LiveRun) -> None:
        """Puts the options of a run into the form, mended where its failure says how."""
        spec = live.history.spec
        if spec is not None:
            options = options_for_retry(live.history)
            wish = Wish(
                spec.architecture,
                options,
                spec.device,
                repetition=spec.repetition,
                group_column=spec.data.group_column,
                start_from=spec.start.id if spec.start is not None else "",
                pseudo=request_of(spec),
                teaching=teaching_of(spec),
            )
            self.retry_wanted.emit(wish)

    def train_on(self, encoder: str) -> None:
        """Puts a training of a BERT on this encoder into the form."""
        usual = default_options("bert")
        options = with_encoder(usual, "bert", encoder, like=defaults_like(encoder))
        self.retry_wanted.emit(Wish("bert", options))

    def use_trial(self, trial: Trial, live: LiveRun) -> None:
        """Puts the options of one trial into the form, for one training with them."""
        spec = live.history.spec
        if spec is None:
            return
        try:
            options = options_with(spec.options, trial.options)
        except UserError as error:
            self._context.dialogs.error(error)
            return
        self.retry_wanted.emit(
            Wish(spec.architecture, options, spec.device, group_column=spec.data.group_column)
        )

    def row_discard(self, row: RunRow) -> None:
        """Delete, or the menu."""
        if row.state is None:
            self._presenter.remove_waiting(_place(row))
        else:
            self.discard(row.id, row.name, is_active=row.state.is_active)

    def discard(self, run_id: str, name: str, *, is_active: bool) -> None:
        """Asks once, names what is lost; the safe choice has the focus."""
        keep = Choice(self.tr("Do not stop") if is_active else self.tr("Keep it"))
        away = Choice(self.tr("Stop and delete") if is_active else self.tr("Delete"), "danger")
        title = self.tr("Stop and delete {name}?") if is_active else self.tr("Delete {name}?")
        text = self.tr(
            "Its curves, checkpoints and model go to the bin of the project, from where they can be "
            "fetched back. Labels and comments are not touched."
        )

        def chosen(index: int) -> None:
            if index == 0:
                self._presenter.discard(run_id)

        self._context.dialogs.ask(title.format(name=name), text, [away, keep], chosen, icon="trash", focus=1)

    @Slot(str)
    def _tell_discarded(self, name: str) -> None:
        self._context.toasts.show(self.tr("{name} is in the bin").format(name=name))

    def row_menu(self, row: RunRow, place: QPoint) -> None:
        """The menu of a right click."""
        menu = QMenu(self._page)
        if row.state is None:
            menu.addAction(self.tr("Remove from the queue"), lambda: self.row_discard(row))
        else:
            self._fill_menu(menu, row)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def _fill_menu(self, menu: QMenu, row: RunRow) -> None:
        state = row.state
        assert state is not None
        titles = {
            "evaluate": self.tr("Open evaluation"),
            "resume": self.tr("Go on"),
            "train_on": self.tr("Train on it"),
        }
        if title := titles.get(row.action, ""):
            menu.addAction(title, lambda: self.row_action(row))
        if state is RunState.STOPPED and row.trials is not None and row.trials[0] < row.trials[1]:
            menu.addAction(self.tr("Go on"), lambda: self._presenter.resume(row.id))
        if not row.adapts:
            menu.addAction(self.tr("New training with these options"), lambda: self._retry_row(row))
        if state.has_model and not row.adapts:
            menu.addSeparator()
            self.models.fill(menu, row.id, row.name, row.architecture)
            menu.addSeparator()
        menu.addAction(self.tr("Show the log"), lambda: self._log_of(row))
        menu.addAction(self.tr("Open folder"), lambda: self._open_folder(row.id))
        menu.addSeparator()
        title = self.tr("Stop and delete…") if state.is_active else self.tr("Delete…")
        menu.addAction(title, lambda: self.row_discard(row))

    def _open_folder(self, run_id: str) -> None:
        path = self._presenter.path_of(run_id)
        if path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def _log_of(self, row: RunRow) -> None:
        self._presenter.show_run(row.id)
        if self._presenter.shown is not None:
            self.show_log(self._presenter.shown)

    def show_log(self, live: LiveRun) -> None:
        """All lines of a run."""
        text = log_text(live.history, live.folder.log_tail(200))
        title = self.tr("Log of {name}").format(name=live.name)
        LogDialog(title, text, self._context.theme, self._page.window()).open()

    def show_details(self, live: LiveRun) -> None:
        """Why a run failed or broke off: the sentence, and the technical details to copy."""
        terminal = live.history.status.terminal
        log = live.folder.log_tail(40)
        if isinstance(terminal, Failed):
            details = "\n\n".join(part for part in (terminal.traceback.strip(), log) if part)
            self._context.dialogs.failure(terminal.code, dict(terminal.params), details=details)
        else:
            self._context.dialogs.failure("RUN_INTERRUPTED", {"name": live.name}, details=log)

    @Slot(object)
    def _tell_end(self, live: LiveRun) -> None:
        state, toasts = live.history.state, self._context.toasts
        if live.history.made_encoder:
            words = self.tr("{name}: the new encoder is on the shelf").format(name=live.name)
            toasts.show(
                words,
                kind="done",
                action=self.tr("Train on it"),
                on_action=lambda: self.train_on(live.history.made_encoder),
            )
        elif live.history.has_model:
            best = live.history.curves.best
            is_stopped = state is RunState.STOPPED
            words = self.tr("{name} has stopped") if is_stopped else self.tr("{name} is done")
            words = words.format(name=live.name)
            if best is not None and live.history.has_best:
                words += self.tr(", best macro F1 {value}").format(value=formats.score(best.macro_f1))
            toasts.show(
                words,
                kind="done",
                action=self.tr("Open evaluation"),
                on_action=lambda: self.evaluation_wanted.emit(live.id),
            )
        elif self._page.isVisible():
            return  # the page itself says it, with everything that can be done
        elif state is RunState.FAILED:
            toasts.show(f"{live.name}: {ending_words(live.history.status.terminal)}", kind="error")
        elif state is RunState.INTERRUPTED:
            words = self.tr("{name}: the training process ended unexpectedly; it can go on").format(
                name=live.name
            )
            toasts.show(
                words,
                kind="error",
                action=self.tr("Go on"),
                on_action=lambda: self._presenter.resume(live.id),
            )

    @Slot(object)
    def _tell_silence(self, live: LiveRun) -> None:
        """Where the page is in view it says so itself."""
        if not self._page.isVisible():
            words = self.tr("{name}: its process gives no sign of life").format(name=live.name)
            self._context.toasts.show(words, kind="error")


def _place(row: RunRow) -> int:
    return int(row.id.removeprefix(QUEUE_PREFIX))
