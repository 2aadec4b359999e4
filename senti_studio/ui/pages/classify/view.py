"""The classify page: model and device above, queue and classified file left, shares and result right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from senti_studio.domain.comments import Source
from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.dialogs import Choice
from senti_studio.ui.i18n import counted, marked
from senti_studio.ui.operations import run_operation
from senti_studio.ui.pages.classify.failed_file import FailedFile
from senti_studio.ui.pages.classify.layout import NO_FILES, NO_MODEL, QUEUE, ClassifyLayout
from senti_studio.ui.pages.classify.queue_item import ItemState, QueueItem, WantedNumbers
from senti_studio.ui.pages.classify.reading_dialog import ReadingDialog
from senti_studio.ui.pages.classify.telling import Telling
from senti_studio.ui.pages.importing.presenter import ImportPresenter

if TYPE_CHECKING:
    from senti_studio.storage.project import Project


class ClassifyPage(ClassifyLayout):
    """Arguments of `on_shown`: None, paths of files, or the id of a model."""

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.setAcceptDrops(True)
        self._telling = Telling(context, self)
        self.failed = FailedFile(context, self.presenter, self.set_output_folder, self)
        self._connect()

    def _connect(self) -> None:
        presenter, queue, session = self.presenter, self.queue, self.context.session
        presenter.items_changed.connect(self._show_items)
        presenter.item_changed.connect(self._show_item)
        presenter.models_changed.connect(self._show_models)
        presenter.item_ended.connect(self._telling.ended)
        presenter.fell_silent.connect(self._telling.silent)
        presenter.added.connect(self._show_added)
        presenter.warned.connect(self._show_warning)
        presenter.failed.connect(self._show_failure)
        self.no_files.dropped.connect(presenter.add_files)
        self.no_model.primary.clicked.connect(self._go_to_training)
        self._drop_words.primary.clicked.connect(self.choose_files)
        self.add.clicked.connect(self.choose_files)
        self.sources.clicked.connect(self._show_sources)
        self.output.clicked.connect(self._choose_folder)
        self.models.activated.connect(self._choose_model)
        self.newer.clicked.connect(self._take_newest)
        self.devices.activated.connect(self._choose_device)
        self.numbers.changed.connect(self._choose_numbers)
        queue.start_asked.connect(presenter.start)
        queue.pause_asked.connect(self._pause)
        queue.stop_asked.connect(self._ask_stop)
        queue.chosen.connect(self.chosen.choose)
        queue.fix_asked.connect(self.change_reading)
        queue.go_on_asked.connect(presenter.go_on)
        queue.pause_item_asked.connect(presenter.pause)
        queue.force_asked.connect(presenter.force)
        queue.open_asked.connect(self.chosen.open_file)
        queue.remove_asked.connect(presenter.remove)
        queue.details_asked.connect(self.failed.show)
        queue.again_asked.connect(self.failed.try_again)
        queue.folder_asked.connect(self.failed.choose_folder)
        self.context.machine.changed.connect(self._show_devices)
        session.runs_changed.connect(presenter.look_for_models)
        session.labels_changed.connect(self._show_labels)
        self.context.actions.bind("classify.export", self.chosen.export_again, page="classify")

    # --- page ---

    def show_jobs(self, words: str) -> None:
        super().show_jobs(words)
        self._tell_no_model()

    def _tell_no_model(self) -> None:
        waiting = self.job_words and self.tr("{job}. Its model can be used here as soon as it has ended.")
        self.no_model.set_texts(
            self.tr("No model yet"),
            waiting.format(job=self.job_words)
            or self.tr("Train one first: it learns from your labels, then classifies any number of files."),
            self.tr("Go to training"),
        )

    def retranslate(self) -> None:
        """All texts."""
        self.header.set_title(self.tr("Classify"))
        self._words[0].setText(self.tr("Model"))
        self._words[1].setText(self.tr("Device"))
        self.output.setText(self.tr("Output folder"))
        self.sources.setText(self.tr("From the project…"))
        self.add.setText(self.tr("Add files…"))
        self.presenter.output_suffix = self.tr("_classified")
        self._tell_no_model()
        self._drop_words.set_texts(
            self.tr("Which files are to be classified?"),
            self.tr("Drop CSV files here, or choose them. The originals are never changed."),
            self.tr("Add files…"),
        )
        self.queue.retranslate()
        self.target.retranslate()
        self.numbers.retranslate()
        self._show_devices()
        self._show_models()
        self._show_output()
        self.chosen.refresh()

    def refresh_theme(self) -> None:
        """Painted lines."""
        self.target.refresh_theme()
        self.chosen.refresh()

    def open_project(self, project: Project | None) -> None:
        """Its models and its batches, those at work included."""
        self.chosen.choose(None)
        self._show_labels()
        self.presenter.open(project)

    def on_shown(self, argument: object = None) -> None:
        """Looks for new models; takes files or a model."""
        self._telling.fall_silent()
        if isinstance(argument, str) and argument:
            self.presenter.choice.want(argument)
        self.presenter.look_for_models()
        if isinstance(argument, (list, tuple)):
            self.presenter.add_files([Path(path) for path in argument])
        self.setFocus()

    def shut_down(self) -> None:
        """Helpers end; runs go on."""
        self.presenter.close()
        self.chosen.export.close()
        for reader in self.findChildren(ImportPresenter):
            reader.close_and_wait()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+O adds files, Space pauses or goes on with the chosen one."""
        is_ctrl = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if is_ctrl and event.key() == Qt.Key.Key_O:
            self.choose_files()
        elif event.key() == Qt.Key.Key_Space and self.chosen.item is not None:
            if self.chosen.item.state is ItemState.RUNNING:
                self.presenter.pause(self.chosen.item)
            elif self.chosen.item.state.can_go_on:
                self.presenter.go_on(self.chosen.item)
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped anywhere on the page."""
        if self.presenter.models and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Into the queue."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        self.presenter.add_files(paths)
        event.acceptProposedAction()

    # --- header ---

    @Slot()
    def choose_files(self) -> None:
        """The file dialog of the system."""
        dialog = QFileDialog(self.window(), self.tr("Choose files to classify"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([self.tr("Comment files (*.csv *.tsv *.txt *.gz)"), self.tr("All files (*)")])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.presenter.add_files([Path(name) for name in names]))
        dialog.open()

    @Slot()
    def _show_sources(self) -> None:
        project = self.context.session.project
        if project is None:
            return

        def shown(sources: Sequence[Source]) -> None:
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            for source in sources:
                rows = self.tr("{count} rows").format(count=formats.number(source.row_count))
                menu.addAction(
                    f"{source.name} · {rows}", lambda which=source: self.presenter.add_source(which)
                )
            if not sources:
                menu.addAction(self.tr("No file was imported yet")).setEnabled(False)
            menu.popup(self.sources.mapToGlobal(self.sources.rect().bottomLeft()))

        run_operation(self, project.sources.list, on_success=shown)

    @Slot()
    def _choose_folder(self) -> None:
        dialog = QFileDialog(self.window(), self.tr("Folder for the classified files"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.set_output_folder(Path(name)))
        dialog.open()

    def set_output_folder(self, folder: Path | None) -> None:
        """Where classified files go; None: beside each original."""
        self.presenter.output_folder = folder
        self._show_output()
        self.failed.place_changed()
        self.chosen.refresh()

    def _show_output(self) -> None:
        folder = self.presenter.output_folder
        beside = self.tr("Each classified file is put beside its original")
        self.output.setToolTip(str(folder) if folder is not None else beside)
        if folder is not None:
            name = self.fontMetrics().elidedText(folder.name, Qt.TextElideMode.ElideMiddle, 140)
            self.output.setText(name or str(folder))

    @Slot(int)
    def _choose_model(self, index: int) -> None:
        self.presenter.choice.choose(str(self.models.itemData(index) or ""))
        self._show_newer()
        self._show_numbers()
        self.chosen.refresh()

    @Slot(int)
    def _choose_device(self, index: int) -> None:
        self.presenter.device = str(self.devices.itemData(index) or "auto")
        self._show_numbers()

    @Slot(object)
    def _choose_numbers(self, wanted: WantedNumbers) -> None:
        self.presenter.numbers = wanted

    def _show_numbers(self) -> None:
        """Where they are of use; what was chosen stays for the next model that gains by it."""
        model = self.presenter.model
        is_of_use = model is not None and model.architecture == "bert"
        self.numbers.setVisible(is_of_use and self.presenter.device in ("auto", "cpu"))

    @Slot()
    def _show_models(self) -> None:
        self.models.clear()
        for model in self.presenter.models:
            figure = model.macro_f1 if model.test_macro_f1 is None else model.test_macro_f1
            text = model.name
            if figure is not None:
                text += " · " + self.tr("macro F1 {score}").format(score=formats.score(figure))
            self.models.addItem(text, model.id)
        self.models.setCurrentIndex(max(0, self.models.findData(self.presenter.choice.id)))
        self._show_newer()
        self._show_numbers()
        self._show_state()

    def _show_newer(self) -> None:
        models = self.presenter.models
        is_old = bool(models) and models[0].id != self.presenter.choice.id
        self.newer.setVisible(is_old)
        if is_old:
            name = self.fontMetrics().elidedText(models[0].name, Qt.TextElideMode.ElideMiddle, 160)
            self.newer.setText(self.tr("Use the newer {model}").format(model=name))
            self.newer.setToolTip(models[0].name)

    @Slot()
    def _take_newest(self) -> None:
        self.models.setCurrentIndex(0)
        self._choose_model(0)

    @Slot()
    def _show_devices(self) -> None:
        self.devices.clear()
        self.devices.addItem(self.tr("Automatic"), "auto")
        for device in self.context.machine.devices:
            if not device.is_several:
                self.devices.addItem(device.name, device.key)
        self.devices.setCurrentIndex(max(0, self.devices.findData(self.presenter.device)))

    # --- queue ---

    @Slot()
    def _show_items(self) -> None:
        self.queue.model.set_items(self.presenter.items)
        self.queue.show_items()
        if self.chosen.item not in self.presenter.items:
            self.chosen.choose(None)
            at_work = [item for item in self.presenter.items if item.state.is_at_work]
            candidates = at_work or self.presenter.items[-1:]
            if candidates:
                self.queue.choose(candidates[0])
        elif self.chosen.item is not None:
            self.queue.choose(self.chosen.item)
        self._show_state()
        self.chosen.refresh()

    @Slot(list)
    def _show_added(self, items: Sequence[QueueItem]) -> None:
        """The first of them is chosen; as many as there is room for are in view."""
        if items:
            self.queue.bring_into_view(items[-1])
            self.queue.choose(items[0])

    @Slot(object)
    def _show_item(self, item: QueueItem) -> None:
        self.queue.show_item(item)
        if item.state is ItemState.PREPARING and item is not self.chosen.item:
            self.queue.choose(item)
        if item is self.chosen.item:
            self.chosen.refresh()
        self._show_totals()

    def _show_state(self) -> None:
        has_models, has_items = bool(self.presenter.models), bool(self.presenter.items)
        page = QUEUE if has_items else NO_FILES if has_models else NO_MODEL
        self.show_state(page)
        for widget in (*self._words, self.models, self.devices, self.output, self.sources):
            widget.setVisible(page != NO_MODEL)
        self.add.setVisible(page == QUEUE)
        self._show_totals()

    def _show_totals(self) -> None:
        totals = self.presenter.totals()
        self.queue.show_totals(totals, can_start=bool(self.presenter.choice.id))
        if totals.at_work:
            self.status_changed.emit(self.tr("Closing the window does not interrupt it"))
        else:
            count = len(self.presenter.items)
            words = counted(count, marked("1 file in the list"), marked("{count} files in the list"))
            self.status_changed.emit(words.format(count=formats.number(count)))

    @Slot(object)
    def change_reading(self, item: QueueItem) -> ReadingDialog:
        """Opens the dialog with encoding, delimiter and text column of a file."""
        dialog = ReadingDialog(self.context, item.path, self)
        dialog.taken.connect(lambda plan: self.presenter.take_plan(item, plan))
        dialog.open()
        return dialog

    @Slot()
    def _pause(self) -> None:
        for item in self.presenter.items:
            if item.state.is_at_work:
                self.presenter.pause(item)

    @Slot()
    def _ask_stop(self) -> None:
        self.context.dialogs.ask(
            self.tr("Stop classifying?"),
            self.tr(
                "“Keep the place” pauses: “Go on” in the row of the file continues at the same row later. "
                "“Drop the rows done” begins anew next time. No half-written file stays behind."
            ),
            [
                Choice(self.tr("Drop the rows done"), "danger"),
                Choice(self.tr("Keep the place")),
                Choice(self.tr("Do not stop"), "primary"),
            ],
            self._answer_stop,
            focus=2,
        )

    def _answer_stop(self, choice: int) -> None:
        if choice == 0:
            self.presenter.give_up()
        elif choice == 1:
            self._pause()

    @Slot(object, str, object)
    def _show_warning(self, item: QueueItem, code: str, params: dict[str, object]) -> None:
        self.result.add_warning(item, code, params)

    @Slot(object)
    def _show_failure(self, error: Exception) -> None:
        self.context.dialogs.error(error)

    @Slot()
    def _show_labels(self) -> None:
        project = self.context.session.project
        self.chosen.set_labels(project.labels.list() if project is not None else ())

    @Slot()
    def _go_to_training(self) -> None:
        self.go_to.emit("train", None)
