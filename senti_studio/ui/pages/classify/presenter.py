"""The queue: files are looked at, become batches, run one after the other; picked up after a restart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from senti_studio.domain.comments import Source
from senti_studio.errors import UserError
from senti_studio.jobs.launch import end_by_force
from senti_studio.jobs.protocol import Event, Warned
from senti_studio.operations import classifying
from senti_studio.operations.models import ModelSummary, list_models
from senti_studio.ui.operations import run_operation
from senti_studio.ui.pages.classify import batches
from senti_studio.ui.pages.classify.file_look import FileLook, take_plan
from senti_studio.ui.pages.classify.model_choice import ModelChoice
from senti_studio.ui.pages.classify.queue_item import ItemState, QueueItem, Totals, WantedNumbers, totals
from senti_studio.ui.pages.importing.plan import ImportPlan
from senti_studio.ui.run_watcher import RunWatcher

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

FORCE_AFTER_MS = 10_000
_NOT_STARTED = (ItemState.LOOKING, ItemState.READY)


class ClassifyPresenter(QObject):
    """Widgets ask it and show it; batches are made by `operations.classifying`."""

    items_changed = Signal()
    """Another list of items."""
    item_changed = Signal(object)
    """One `QueueItem` stands otherwise than before."""
    models_changed = Signal()
    added = Signal(list)
    """The `QueueItem`s that the user has just put in, or that wait already under these paths."""
    item_ended = Signal(object)
    """A `QueueItem` whose run reached its end while we watched."""
    warned = Signal(object, str, object)
    """`QueueItem`, message code, parameters."""
    fell_silent = Signal(object)
    """A `QueueItem` whose worker lives but gives no sign of life any more."""
    failed = Signal(object)
    """An exception: something could not be started or told."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.items: list[QueueItem] = []
        self.models: list[ModelSummary] = []
        self.choice = ModelChoice()
        self.device = "auto"
        self.numbers = WantedNumbers()
        self.output_folder: Path | None = None
        self.output_encoding = "utf-8-sig"
        self.output_suffix = "_classified"
        self.is_loaded = False
        self._project: Project | None = None
        self._number = 0
        self._watchers: dict[str, RunWatcher] = {}
        self._goes_on = False
        self._is_starting = False
        self._look = FileLook(self)
        self._look.looked.connect(self._looked)
        self._look.failed.connect(self._not_looked)

    # --- project ---

    def open(self, project: Project | None) -> None:
        """Another project: its models, its batches."""
        self._stop_watching()
        for item in self.items:
            self._look.forget(item.number)
        self._project, self.items, self.models = project, [], []
        self.is_loaded, self._goes_on, self._is_starting = False, False, False
        self.choice = ModelChoice()
        self.items_changed.emit()
        self.models_changed.emit()
        if project is not None:
            self.look_for_models()
            self._load(project)

    def look_for_models(self) -> None:
        """Reads the list of models again."""
        project = self._project
        if project is not None:
            self._run(lambda: list_models(project), self._take_models)

    def close(self) -> None:
        """The window goes; runs stay at work."""
        self._stop_watching()
        self._look.close()

    @property
    def model(self) -> ModelSummary | None:
        """The chosen model."""
        return next((model for model in self.models if model.id == self.choice.id), None)

    def _take_models(self, models: list[ModelSummary]) -> None:
        is_other = self.choice.take(models)
        if models != self.models or is_other or not self.is_loaded:
            self.models = models
            self.models_changed.emit()

    def _load(self, project: Project) -> None:
        def loaded(items: list[QueueItem]) -> None:
            if self._project is not project:
                return
            for item in items:
                self._number += 1
                item.number = self._number
            self.items = items + self.items
            self.is_loaded = True
            self.items_changed.emit()
            for item in items:
                if item.state.is_at_work:
                    self._goes_on = True
                    self._watch(item)

        self._run(lambda: batches.stored_items(project), loaded)

    # --- queue ---

    def add_files(self, paths: Sequence[Path]) -> None:
        """Files at the end of the queue; one that waits there already is not taken twice."""
        waiting = {item.path: item for item in self.items if item.state in _NOT_STARTED}
        fresh = []
        for path in paths:
            if path not in waiting:
                self._number += 1
                waiting[path] = QueueItem(self._number, path)
                fresh.append(waiting[path])
        self.items.extend(fresh)
        self.items_changed.emit()
        self.added.emit([waiting[path] for path in paths])
        for item in fresh:
            self._look.add(item.number, item.path)

    def add_source(self, source: Source) -> None:
        """The comments of a source of the project."""
        self._number += 1
        item = QueueItem(self._number, Path(source.name), ItemState.READY, source_id=source.id)
        item.columns, item.text_column, item.rows = source.columns, source.text_column, source.row_count
        self.items.append(item)
        self.items_changed.emit()
        self.added.emit([item])

    def take_plan(self, item: QueueItem, plan: ImportPlan) -> None:
        """The user said how the file is to be read."""
        take_plan(item, plan)
        self.item_changed.emit(item)

    def remove(self, item: QueueItem) -> None:
        """Out of the queue; a batch goes to the project's bin, its classified CSV stays where it is."""
        project, batch = self._project, item.batch_id
        if item.state.is_at_work or project is None:
            return
        self._look.forget(item.number)
        self._forget_watcher(batch)
        self.items = [other for other in self.items if other is not item]
        self.items_changed.emit()
        if batch:
            self._run(lambda: classifying.discard(project, batch), lambda _: None)

    def totals(self) -> Totals:
        """Sums over the queue."""
        return totals(self.items)

    @Slot(int, object)
    def _looked(self, number: int, plan: ImportPlan) -> None:
        item = self._item(number)
        if item is not None:
            take_plan(item, plan)
            self.item_changed.emit(item)

    @Slot(int, str, object)
    def _not_looked(self, number: int, code: str, params: dict[str, Any]) -> None:
        item = self._item(number)
        if item is not None:
            item.state, item.code, item.params = ItemState.PROBLEM, code, params
            self.item_changed.emit(item)

    def _item(self, number: int) -> QueueItem | None:
        return next((item for item in self.items if item.number == number), None)

    # --- runs ---

    def start(self) -> None:
        """Makes a batch of every file that is ready, then starts the first one that waits."""
        self.begin([item for item in self.items if item.state is ItemState.READY])

    def begin(self, ready: Sequence[QueueItem]) -> None:
        """As `start`, for these of the files that are ready."""
        project, model, encoding = self._project, self.choice.id, self.output_encoding
        self._goes_on = True
        if project is None or self._is_starting:
            return
        if not ready:
            self._start_next()
            return
        self._is_starting = True
        requests = [
            batches.request_for(
                item,
                model=model,
                device=self.device,
                output=batches.output_for(project, item, self.output_folder, self.output_suffix),
                encoding=encoding,
                numbers=self.numbers,
            )
            for item in ready
        ]
        name, labels = (self.model.name, self.model.labels) if self.model is not None else ("", ())

        def work() -> list[str | UserError]:
            return [batches.created(project, request) for request in requests]

        def made(results: list[str | UserError]) -> None:
            self._is_starting = False
            for item, result in zip(ready, results, strict=True):
                item.model_name, item.labels = name, tuple((label.key, label.name) for label in labels)
                item.encoding = encoding
                batches.take_created(item, result)
                self.item_changed.emit(item)
            self._start_next()

        self._run(work, made)

    def go_on(self, item: QueueItem) -> None:
        """Resumes a paused or interrupted batch from its last whole part."""
        self._goes_on = True
        self._launch(item, resume=True)

    def pause(self, item: QueueItem) -> None:
        """Keeps the place and ends the worker; the files behind it wait."""
        self._goes_on = False
        self._tell(item, classifying.pause)

    def give_up(self) -> None:
        """Cancels what is at work, makes waiting files ready again; nothing half-written remains."""
        self._goes_on = False
        project = self._project
        for item in list(self.items):
            if item.state.is_at_work:
                self._tell(item, classifying.cancel)
            elif item.state is ItemState.WAITING and project is not None:
                self.make_ready(item)
                self.item_changed.emit(item)

    def _tell(self, item: QueueItem, command: Callable[[Project, str], None]) -> None:
        project, batch = self._project, item.batch_id
        if project is None or not batch:
            return
        item.state, item.wish, item.may_force = ItemState.STOPPING, command.__name__, False
        self.item_changed.emit(item)
        self._run(lambda: command(project, batch), lambda _: None)
        QTimer.singleShot(FORCE_AFTER_MS, self, lambda: self._allow_force(item, batch))

    def _allow_force(self, item: QueueItem, batch: str) -> None:
        if item.state is ItemState.STOPPING and item.batch_id == batch:
            item.may_force = True
            self.item_changed.emit(item)

    def force(self, item: QueueItem) -> None:
        """Kills a worker that does not listen; whole parts stay, unless the batch was to be given up."""
        watcher = self._watchers.get(item.batch_id)
        if watcher is not None:
            end_by_force(watcher.folder, watcher.folder.worker_pid(watcher.status.started))

    def _start_next(self) -> None:
        if not self._goes_on or any(item.state.is_at_work for item in self.items):
            return
        waiting = next((item for item in self.items if item.state is ItemState.WAITING), None)
        if waiting is not None:
            self._launch(waiting, resume=waiting.tries_again)

    def _launch(self, item: QueueItem, *, resume: bool) -> None:
        project, batch = self._project, item.batch_id
        if project is None or item.state.is_at_work:
            return
        item.state, item.code, item.params = ItemState.PREPARING, "", {}
        item.wish, item.may_force = "", False
        is_moved = item.tries_again and self.output_folder is not None
        output = (
            batches.output_for(project, item, self.output_folder, self.output_suffix) if is_moved else None
        )
        item.tries_again = False
        self.item_changed.emit(item)

        def failed(error: Exception) -> None:
            if isinstance(error, UserError):
                item.state, item.code, item.params = ItemState.FAILED, error.code, error.params
            if item.is_refused_its_place:
                self.item_changed.emit(item)
                self.item_ended.emit(item)
                self._start_next()
                return
            item.state = ItemState.INTERRUPTED if resume else ItemState.WAITING
            self._goes_on = False
            self.item_changed.emit(item)
            self.failed.emit(error)

        run_operation(
            self,
            lambda: batches.launched(project, batch, resume=resume, output=output),
            on_success=lambda offset: self._watch(item, offset),
            on_failure=failed,
        )

    # --- watching ---

    def _watch(self, item: QueueItem, offset: int = 0) -> None:
        project = self._project
        if project is None:
            return
        known = self._watchers.get(item.batch_id)
        if known is not None:
            known.restart()
            return
        watcher = RunWatcher(classifying.batch_run_folder(project, item.batch_id), self, offset=offset)
        self._watchers[item.batch_id] = watcher
        watcher.events.connect(lambda events, which=item: self._take_events(which, events))
        watcher.state_changed.connect(lambda _state, which=item: self._take_status(which))
        watcher.silence_changed.connect(lambda silent, which=item: self._take_silence(which, silent))

    def _take_events(self, item: QueueItem, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Warned):
                self.warned.emit(item, event.code, dict(event.params))
        self._take_status(item)

    def _take_silence(self, item: QueueItem, is_silent: bool) -> None:
        item.is_silent = is_silent and item.state.is_at_work
        self.item_changed.emit(item)
        if item.is_silent:
            self.fell_silent.emit(item)

    def _take_status(self, item: QueueItem) -> None:
        watcher = self._watchers.get(item.batch_id)
        if watcher is None:
            return
        before = item.state
        batches.take_status(item, watcher.status)
        if item.state is ItemState.WAITING:
            item.state = ItemState.PREPARING
        if before is ItemState.STOPPING and item.state.is_at_work:
            item.state = ItemState.STOPPING
        item.is_silent = item.is_silent and item.state.is_at_work
        is_given_up = item.state is ItemState.INTERRUPTED and item.wish == classifying.cancel.__name__
        if item.state is ItemState.CANCELLED or is_given_up:
            self.make_ready(item)
        self.item_changed.emit(item)
        if before.is_at_work and not item.state.is_at_work:
            self.item_ended.emit(item)
            self._start_next()

    def make_ready(self, item: QueueItem) -> None:
        """As if it had just been added: its batch is thrown away, an unknown file is looked at."""
        project, batch = self._project, item.batch_id
        self._forget_watcher(batch)
        item.forget_batch()
        if item.options is None and item.source_id is None:
            item.state = ItemState.LOOKING
            self._look.add(item.number, item.path)
        if project is not None and batch:
            self._run(lambda: classifying.discard(project, batch), lambda _: None, lambda _: None)

    def _forget_watcher(self, batch: str) -> None:
        watcher = self._watchers.pop(batch, None)
        if watcher is not None:
            watcher.stop()
            watcher.deleteLater()

    def _stop_watching(self) -> None:
        for batch in list(self._watchers):
            self._forget_watcher(batch)

    def _run(
        self,
        work: Callable[[], Any],
        then: Callable[[Any], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """What arrives after another project was opened is about nothing any more."""
        project = self._project

        def arrived(result: Any) -> None:
            if self._project is project:
                then(result)

        def went_wrong(error: Exception) -> None:
            if self._project is project:
                (failed or self.failed.emit)(error)

        run_operation(self, work, on_success=arrived, on_failure=went_wrong)
