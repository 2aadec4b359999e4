"""What one can do with a model, wherever it is shown: keep it, save its card, copy it, export it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QInputDialog, QLineEdit, QMenu, QWidget

from senti_studio.ui.context import UiContext
from senti_studio.ui.helper_call import HelperCall
from senti_studio.ui.i18n import current_language
from senti_studio.ui.operations import Failure, run_operation
from senti_studio.ui.widgets.buttons import Button

if TYPE_CHECKING:
    from senti_studio.operations.models import ModelSummary

_NOT_IN_NAMES = re.compile(r'[\s\\/:*?"<>|#]+')


class ModelActs(QObject):
    """Asks where to, does it off the GUI thread (an export in a process of its own), says what came of it."""

    def __init__(self, context: UiContext, page: QWidget) -> None:
        super().__init__(page)
        self._context = context
        self._page = page
        self._helper = HelperCall(self)
        self._helper.answered.connect(self._exported)
        self._helper.failed.connect(self._not_exported)

    def fill(self, menu: QMenu, model_id: str, name: str, architecture: str) -> None:
        """Adds what can be done with a model to a menu."""
        menu.addAction(self.tr("Keep this model…"), lambda: self.ask_to_keep(model_id, name))
        menu.addAction(self.tr("Save model card…"), lambda: self.ask_for_card(model_id, name))
        menu.addAction(self.tr("Copy model to a folder…"), lambda: self.ask_for_copy(model_id, name))
        menu.addAction(self.tr("Export as ONNX…"), lambda: self.ask_for_export(model_id, name))
        if architecture == "bert":
            title = self.tr("Export for transformers…")
            menu.addAction(title, lambda: self.ask_for_plain_export(model_id, name))

    def close(self) -> None:
        """Ends the helper, for the end of the window."""
        self._helper.close_and_wait()

    def ask_to_keep(self, model_id: str, name: str) -> None:
        """Asks what it is to be called, copies it to the models of the project."""
        title = self.tr("Keep this model…").rstrip("…")
        text = self.tr("It stays when its training is deleted, and can be chosen on the Classify page.")
        text += "\n" + self.tr("Name")
        wanted, is_fine = QInputDialog.getText(
            self._page.window(), title, text, QLineEdit.EchoMode.Normal, name
        )
        if is_fine:
            self.keep(model_id, wanted)

    def keep(self, model_id: str, name: str) -> None:
        """Copies the model to those that stay."""
        session = self._context.session
        project = session.project
        if project is None:
            return

        def work() -> ModelSummary:
            from senti_studio.operations.models import keep_model

            return keep_model(project, model_id, name=name)

        def kept(model: ModelSummary) -> None:
            session.runs_changed.emit()
            self._tell(self.tr("{name} is kept").format(name=model.name), model.folder)

        run_operation(self, work, on_success=kept, on_failure=self._failed)

    def ask_for_card(self, model_id: str, name: str) -> None:
        """Asks for a file, writes the card in the language of the window."""
        title = self.tr("Save model card…")
        start = self._beside(self.tr("{name} card.md").format(name=name))
        file, _ = QFileDialog.getSaveFileName(self._page.window(), title, start, self.tr("Markdown (*.md)"))
        if file:
            self.save_card(model_id, Path(file))

    def save_card(self, model_id: str, path: Path) -> None:
        """Writes the card; the dialog has asked whether to replace a file."""
        language = current_language()

        def work() -> Path:
            from senti_studio.operations import model_export

            return model_export.save_card(self._model(model_id), path, language, overwrite=True)

        run_operation(self, work, on_success=self._tell_written, on_failure=self._failed)

    def ask_for_copy(self, model_id: str, name: str) -> None:
        """Asks for the name of a new folder, or of a zip, copies the model there."""
        as_zip = self.tr("Zip (*.zip)")
        target, kind = self._new_place(self.tr("Copy model to a folder…"), name, as_zip)
        if target is not None and kind == as_zip and target.suffix.lower() != ".zip":
            # Not every system writes the ending that was chosen, or has asked about a file with it.
            self.copy(model_id, target.with_name(f"{target.name}.zip"), overwrite=False)
        elif target is not None:
            self.copy(model_id, target)

    def copy(self, model_id: str, target: Path, *, overwrite: bool = True) -> None:
        """Copies the files of the model to the new folder ``target``, or to a zip of that name;
        ``overwrite``: the dialog has asked whether to replace a file."""

        def work() -> Path:
            from senti_studio.operations import model_export

            return model_export.copy_model(self._model(model_id), target, overwrite=overwrite)

        run_operation(self, work, on_success=self._tell_written, on_failure=self._failed)

    def ask_for_export(self, model_id: str, name: str) -> None:
        """Asks for the name of a new folder, exports the model there."""
        folder = self._new_folder(self.tr("Export as ONNX…"), f"{name} ONNX")
        if folder is not None:
            self.export(model_id, folder)

    def ask_for_plain_export(self, model_id: str, name: str) -> None:
        """Asks for the name of a new folder, exports the model there for plain transformers."""
        folder = self._new_folder(self.tr("Export for transformers…"), f"{name} transformers")
        if folder is not None:
            self.export(model_id, folder, "export_transformers")

    def export(self, model_id: str, target: Path, request: str = "export_onnx") -> None:
        """Exports to the new folder ``target``, as the helper calls it; one export at a time."""
        project, toasts = self._context.session.project, self._context.toasts
        if self._helper.is_running:
            toasts.show(self.tr("Another export is at work; please wait for its end"))
            return
        if project is None:
            return
        toasts.show(self.tr("The model is exported and compared with the original…"))
        self._helper.start(
            "models",
            request,
            project=str(project.folder),
            model=model_id,
            target=str(target),
            language=current_language(),
        )

    def _failed(self, error: Failure) -> None:
        self._context.dialogs.error(error)

    def _model(self, model_id: str) -> ModelSummary:
        from senti_studio.operations.models import find_model

        project = self._context.session.project
        assert project is not None
        return find_model(project, model_id)

    def _beside(self, name: str) -> str:
        """A place beside the project, under a name that every system takes."""
        project = self._context.session.project
        place = project.folder.parent if project is not None else Path.home()
        return str(place / _NOT_IN_NAMES.sub(" ", name).strip())

    def _new_folder(self, title: str, name: str) -> Path | None:
        return self._new_place(title, name)[0]

    def _new_place(self, title: str, name: str, *others: str) -> tuple[Path | None, str]:
        """A name that is not there yet, which only this dialog lets one type, and what it is to be."""
        kinds = ";;".join((self.tr("New folder (*)"), *others))
        chosen, kind = QFileDialog.getSaveFileName(self._page.window(), title, self._beside(name), kinds)
        return Path(chosen) if chosen else None, kind

    @Slot(object)
    def _tell_written(self, path: Path) -> None:
        self._tell(self.tr("{name} is written").format(name=path.name), path)

    @Slot(dict)
    def _exported(self, report: dict[str, Any]) -> None:
        words = self.tr("Exported: on {n} comments both say the same (largest difference {difference})")
        path = Path(str(report["folder"]))
        self._tell(words.format(n=f"{report['rows']:,}", difference=f"{report['difference']:.1g}"), path)

    def _tell(self, words: str, path: Path) -> None:
        self._context.toasts.show(
            words,
            kind="done",
            action=self.tr("Open folder"),
            on_action=lambda: QDesktopServices.openUrl(
                QUrl.fromLocalFile(str(path if path.is_dir() else path.parent))
            ),
        )

    @Slot(str, object)
    def _not_exported(self, code: str, params: dict[str, object]) -> None:
        self._context.dialogs.failure(code, params)


class ModelButton(Button):
    """Three dots: a menu of these acts for the model that ``chosen`` gives."""

    def __init__(self, context: UiContext, chosen: Callable[[], ModelSummary | None], page: QWidget) -> None:
        super().__init__(theme=context.theme, icon="more", parent=page)
        self.acts = ModelActs(context, page)
        self._chosen = chosen
        self.clicked.connect(self.open_menu)

    def retranslate(self) -> None:
        self.setToolTip(self.tr("More to do with this model"))
        self.setAccessibleName(self.tr("More to do with this model"))

    @Slot()
    def open_menu(self) -> None:
        """Below the button, flush with its right end."""
        model = self._chosen()
        if model is None:
            return
        menu = QMenu(self)
        self.acts.fill(menu, model.id, model.name, model.architecture)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(self.rect().bottomRight()) - QPoint(menu.sizeHint().width(), -4))
