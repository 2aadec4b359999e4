"""The import page: four steps in a stack; nothing is written before the fourth."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QStackedWidget, QWidget

from senti_studio.domain.importing import COMMENT_ENDINGS, ImportProgress, comment_files
from senti_studio.domain.labels import DEFAULT_LABELS, Label
from senti_studio.messages import message
from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.dialogs import Choice
from senti_studio.ui.i18n import current_language
from senti_studio.ui.icons import pixmap
from senti_studio.ui.pages.importing import wording
from senti_studio.ui.pages.importing.boilerplate_dialog import edit_boilerplate
from senti_studio.ui.pages.importing.chosen_files import left_out
from senti_studio.ui.pages.importing.columns_step import ColumnsStep
from senti_studio.ui.pages.importing.file_step import FileStep
from senti_studio.ui.pages.importing.footer import Footer
from senti_studio.ui.pages.importing.plan import Obstacle, Use
from senti_studio.ui.pages.importing.presenter import ImportPresenter
from senti_studio.ui.pages.importing.problem_list import save_list
from senti_studio.ui.pages.importing.report_step import ReportStep
from senti_studio.ui.pages.importing.stepper import Stepper
from senti_studio.ui.pages.importing.write_flow import WriteFlow
from senti_studio.ui.pages.importing.write_step import WriteStep
from senti_studio.ui.pages.page import Page
from senti_studio.ui.widgets.banner import Banner
from senti_studio.ui.widgets.scrolled import scrolled_on_card
from senti_studio.ui.widgets.styles import text_label

if TYPE_CHECKING:
    from senti_studio.storage.project import Project


class Step(enum.IntEnum):
    """The pages of the stack."""

    FILE = 0
    COLUMNS = 1
    REPORT = 2
    WRITE = 3


class ImportPage(Page):
    """Arguments of `on_shown`: None, paths, or ``{"new_project": bool, "files": [paths]}``."""

    name = "import"
    icon_name = "import"

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.presenter = ImportPresenter(self)
        self.step = Step.FILE
        self._is_unreadable = False
        self._file_icon = QLabel(self)
        self._file = text_label(role="second")
        self._size = text_label(role="hint", size="small")
        self.stepper = Stepper(context.theme, self)
        self.files = FileStep(context, self)
        self.columns = ColumnsStep(context, self)
        self.report = ReportStep(context, self)
        self.write = WriteStep(context, self)
        self.flow = WriteFlow(context, self.presenter, self.write, self)
        self.writer = self.flow.writer
        self.stack = QStackedWidget(self)
        self.footer = Footer(context.theme, self)
        for widget in (self._file_icon, self._file, self._size):
            self.header.add(widget)
        self.header.stretch()
        self.header.add(self.stepper)
        for step in (self.files, self.columns, self.report, self.write):
            # Each step scrolls by itself, so that the footer with its buttons always stays in sight.
            area = scrolled_on_card(step)
            area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.stack.addWidget(area)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        self.body.addWidget(self.stack, 1)
        self.body.addWidget(self.footer)
        self._connect()
        self.refresh_theme()

    def _connect(self) -> None:
        presenter, columns, flow = self.presenter, self.columns, self.flow
        presenter.sniffing.connect(self._show_sniffing)
        presenter.sniffed.connect(self._show_sniffed)
        presenter.compared.connect(columns.preview.show_comparison)
        columns.preview.compare_asked.connect(presenter.compare)
        columns.preview.comparison.encoding_chosen.connect(presenter.choose_encoding)
        presenter.preview_changed.connect(self._show_preview)
        presenter.plan_changed.connect(self._show_plan)
        presenter.check_progress.connect(self._show_check_progress)
        presenter.problem.connect(self._show_problem)
        self.files.choose_asked.connect(self.choose_files)
        self.files.dropped.connect(self.start)
        self.files.leave_out_asked.connect(self._leave_out)
        self.files.problem.primary.clicked.connect(self.choose_files)
        self.files.problem.secondary.clicked.connect(presenter.next_file)
        columns.problem.primary.clicked.connect(presenter.retry)
        columns.encodings.encoding_chosen.connect(presenter.choose_encoding)
        columns.encodings.delimiter_chosen.connect(presenter.choose_delimiter)
        columns.encodings.quote_chosen.connect(presenter.choose_quote)
        columns.encodings.header_chosen.connect(presenter.choose_header)
        columns.encodings.sheet_chosen.connect(presenter.choose_sheet)
        columns.bytes.on_bad_chosen.connect(presenter.choose_on_bad)
        columns.grid.use_chosen.connect(lambda column, use: presenter.choose_use(column, Use(use)))
        columns.mapping.target_chosen.connect(presenter.choose_target)
        columns.mapping.all_new_asked.connect(presenter.make_all_new)
        columns.mapping.ignore_asked.connect(presenter.ignore_rest)
        columns.parts.part_chosen.connect(presenter.choose_part)
        columns.rows.skip_chosen.connect(presenter.skip_bad)
        columns.repeats.skip_chosen.connect(presenter.skip_blank)
        columns.repeats.boilerplate_chosen.connect(presenter.choose_boilerplate)
        columns.repeats.list_asked.connect(lambda: edit_boilerplate(self, presenter, self._target()))
        self.report.save_list.clicked.connect(
            lambda: save_list(self.context, presenter.plan, self) if presenter.plan else None
        )
        flow.moved.connect(self._show_write)
        flow.said.connect(self.status_changed)
        flow.undone.connect(self._show_undone)
        self.write.place.changed.connect(self._show_footer)
        self.write.label_asked.connect(lambda: self._leave("label"))
        self.write.train_asked.connect(lambda: self._leave("train"))
        self.write.data_asked.connect(lambda: self._leave("data"))
        self.write.next_file_asked.connect(self._next_file)
        self.footer.cancel.clicked.connect(self.cancel)
        self.footer.back.clicked.connect(self.back)
        self.footer.next.clicked.connect(self.next)

    # --- page ---

    def retranslate(self) -> None:
        """All texts, and the numbers again in their sentences."""
        self.header.set_title(self.tr("Import comments"))
        self.stepper.set_names(
            [
                self.tr("Choose files"),
                self.tr("Encoding and columns"),
                self.tr("Check report"),
                self.tr("Write to project"),
            ]
        )
        self.files.retranslate()
        self.columns.retranslate()
        self.write.retranslate()
        self._show_place()
        self._show_plan()
        self.flow.retranslate()
        self._show_footer()

    def refresh_theme(self) -> None:
        """Pictures and painted parts."""
        self._file_icon.setPixmap(pixmap("file", self.context.theme, scale=self.devicePixelRatioF()))
        self.files.refresh_theme()
        self.write.result.refresh_theme()
        self._show_plan()
        self._show_footer()

    @property
    def is_unfinished(self) -> bool:
        """Files are chosen, and not all of it is written."""
        return self.presenter.path is not None and not self._is_over

    @property
    def _is_over(self) -> bool:
        """The file is written, and none waits behind it."""
        return self.flow.is_done and not self.presenter.queue

    def open_project(self, project: Project | None) -> None:
        """Labels are those of the project; without one, of the project to be made."""
        if not self.flow.is_new and not self.writer.is_writing:
            self.presenter.set_labels(self._labels())

    def on_shown(self, argument: object = None) -> None:
        """Starts over with files, or goes on where the page was left."""
        paths, is_new = _asked(argument)
        if self.writer.is_writing:
            self.start(paths)
            return
        if is_new or (paths and not self.is_unfinished):
            self._reset(is_new=is_new)
            self.start(paths)
        elif paths:
            self.start(paths)
        elif self._is_over or self.presenter.path is None:
            self._reset(is_new=False)
        self.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Step 2 puts its columns below each other where there is no room beside."""
        self.columns.fit(self.width())
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """1 to 4 choose an encoding, Alt+Left and Alt+Right go back and on, Esc cancels."""
        alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
        if self.step is Step.COLUMNS and event.text() in ("1", "2", "3", "4"):
            self.columns.encodings.press_card(int(event.text()) - 1)
        elif alt and event.key() == Qt.Key.Key_Left and self.footer.back.isVisible():
            self.back()
        elif alt and event.key() == Qt.Key.Key_Right and self.footer.next.isEnabled():
            self.next()
        elif event.key() == Qt.Key.Key_Escape:
            self._ask_leave()
        else:
            super().keyPressEvent(event)

    def shut_down(self) -> None:
        """The window closes: no helper stays, an unfinished import leaves nothing."""
        self.presenter.close_and_wait()
        self.writer.close_and_wait()

    # --- steps ---

    @Slot()
    def choose_files(self) -> None:
        """The file dialog of the system."""
        dialog = QFileDialog(self.window(), self.tr("Choose comment files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        endings = " ".join(f"*{ending}" for ending in COMMENT_ENDINGS)
        names = self.tr("Comment files ({endings})").format(endings=endings)
        dialog.setNameFilters([names, self.tr("All files (*)")])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.start([Path(name) for name in names]))
        dialog.open()

    @Slot(list)
    def start(self, paths: Sequence[Path]) -> None:
        """Looks at the first file; the others wait, as do files that come while one is at work. Folders stand
        for the comment files in them."""
        found = comment_files(paths)
        self._tell_left_out(paths)
        if paths and not found:
            words = message("NO_COMMENT_FILES", {"path": str(paths[0])}, current_language())
            self._tell(self.files.problem, words.what, words.next_step, self.tr("Choose another file…"), "")
        paths = found
        if not paths:
            return
        if self._is_unreadable and self.presenter.path is not None:
            self.presenter.replace_with(paths)
        elif self.writer.is_writing or self.is_unfinished:
            self._join(paths)
        else:
            self.flow.reset(is_new=self.flow.is_new)
            self.presenter.start(paths, self._labels())

    def _join(self, paths: Sequence[Path]) -> None:
        """More files for a list that is being worked through."""
        count = self.presenter.add(paths)
        text = self.tr("Files added to the list: {count}")
        self.context.toasts.show(text.format(count=formats.number(count)))
        self.flow.retranslate()
        self._show_place()
        if self.step is Step.FILE:
            self._go(Step.FILE)

    def _tell_left_out(self, paths: Sequence[Path]) -> None:
        """A folder holds more than comments: what stays out is said, never passed over."""
        others = left_out(paths)
        if others:
            names = "、".join(path.name for path in others[:5]) + ("…" if len(others) > 5 else "")
            text = self.tr("Left out, as they are no comment files: {count} ({names})")
            self.context.toasts.show(text.format(count=formats.number(len(others)), names=names))

    @Slot()
    def _leave_out(self) -> None:
        if not self.presenter.drop():
            self._reset(is_new=self.flow.is_new)

    @Slot()
    def _show_undone(self) -> None:
        """What was taken back stays at the head of the list while others wait behind it."""
        if self.presenter.queue:
            self.flow.reset(is_new=False)
            self._go(Step.FILE)
        else:
            self._reset(is_new=False)

    @Slot()
    def next(self) -> None:
        """One step on, if nothing stands in the way."""
        if self.step is Step.FILE and self._has_open_file():
            self._go(Step.COLUMNS)
        elif self.step is Step.COLUMNS and self._obstacle() is None:
            self._go(Step.REPORT)
        elif self.step is Step.REPORT and self.flow.makes_project:
            self.flow.show_place()
            self._go(Step.WRITE)
        elif self.step in (Step.REPORT, Step.WRITE) and not self.flow.is_done:
            self.flow.write()

    @Slot()
    def back(self) -> None:
        """One step back."""
        if self.step in (Step.COLUMNS, Step.REPORT, Step.WRITE) and not self.writer.is_writing:
            self._go(Step(self.step - 1))

    @Slot()
    def cancel(self) -> None:
        """Leaves the page; asks while something is being written, or where files that wait are lost."""
        if self.writer.is_writing:
            self.flow.ask_cancel()
        elif self.presenter.queue and not self.flow.is_done:
            self._ask_forget()
        else:
            self._go_away()

    def _go_away(self) -> None:
        self._leave("data" if self.context.session.project is not None else "home")

    def _ask_leave(self) -> None:
        """A slip of the finger must not throw away what was chosen for a file."""
        if self.presenter.plan is None or self.writer.is_writing or self.flow.is_done:
            self.cancel()
            return
        self._ask_forget()

    def _ask_forget(self) -> None:
        text = self.tr("Nothing has been written; what you chose for this file is forgotten.")
        if self.presenter.queue:
            words = self.tr(
                "Nothing of this file has been written. Files forgotten with it: {count} ({names})"
            )
            names = "、".join(path.name for path in self.presenter.queue[:5])
            names += "…" if len(self.presenter.queue) > 5 else ""
            text = words.format(count=formats.number(len(self.presenter.queue)), names=names)
        self.context.dialogs.ask(
            self.tr("Leave this import?"),
            text,
            [Choice(self.tr("Leave"), "danger"), Choice(self.tr("Stay"), "primary")],
            lambda choice: self._go_away() if choice == 0 else None,
            focus=1,
        )

    def _leave(self, page: str) -> None:
        """To another page; files that wait behind a written one go on waiting here."""
        if not (self.flow.is_done and self.presenter.queue):
            self._reset(is_new=False)
        self.go_to.emit(page, None)

    def _has_open_file(self) -> bool:
        return self.presenter.path is not None and not self._is_unreadable

    def _reset(self, *, is_new: bool) -> None:
        self._is_unreadable = False
        self.presenter.forget()
        self.flow.reset(is_new=is_new)
        self.files.problem.hide()
        self.write.place.name.clear()
        self._file.clear()
        self._size.clear()
        self._go(Step.FILE)

    def _go(self, step: Step) -> None:
        self.step = step
        plan = self.presenter.plan
        if step is Step.REPORT and plan is not None:
            self.report.show_plan(plan, self.presenter.labels)
        if step is Step.FILE:
            self.files.show_list(self.presenter.files, is_first_open=self._has_open_file())
        self.stack.setCurrentIndex(int(step))
        self.stepper.set_current(int(step), finished=self.flow.is_done)
        for widget in (self._file_icon, self._file, self._size):
            widget.setVisible(step is not Step.FILE and self.presenter.path is not None)
        self._show_footer()
        self.setFocus()

    def _target(self) -> Project | None:
        return None if self.flow.is_new else self.context.session.project

    def _labels(self) -> tuple[Label, ...]:
        project = self._target()
        return project.labels.list() if project is not None else DEFAULT_LABELS

    def _obstacle(self) -> Obstacle | None:
        return self.presenter.plan.obstacle() if self.presenter.plan is not None else Obstacle.NOT_CHECKED

    # --- what the presenter says ---

    @Slot(object)
    def _show_sniffing(self, path: Path) -> None:
        project = self._target()
        self.presenter.project_folder = str(project.folder) if project is not None else ""
        self._file.setText(self.fontMetrics().elidedText(path.name, Qt.TextElideMode.ElideMiddle, 320))
        self._file.setToolTip(str(path))
        self._is_unreadable = False
        self._show_place()
        self.files.problem.hide()
        self.columns.show_loading()
        self._go(Step.COLUMNS)

    def _show_place(self) -> None:
        """Size of the file, and which one of how many it is."""
        path, presenter = self.presenter.path, self.presenter
        parts = [formats.size(path.stat().st_size)] if path is not None and path.is_file() else []
        if presenter.list_size > 1:
            text = self.tr("file {place} of {count}")
            parts.append(text.format(place=presenter.place, count=formats.number(presenter.list_size)))
        self._size.setText(" · ".join(parts))

    @Slot()
    def _show_sniffed(self) -> None:
        self.presenter.look_for_twin(self._target())
        if self.presenter.plan is not None:
            self.columns.preview.begin(self.presenter.plan)

    @Slot()
    def _show_preview(self) -> None:
        if self.presenter.plan is not None:
            self.columns.show_preview(self.presenter.plan)

    @Slot()
    def _show_plan(self) -> None:
        plan = self.presenter.plan
        if plan is not None:
            self.columns.show_plan(plan, self.presenter.labels)
            if plan.check is not None:
                self.columns.problem.hide()
                self._tell_check()
            if self.step is Step.REPORT:
                self.report.show_plan(plan, self.presenter.labels)
        self._show_footer()

    def _tell_check(self) -> None:
        plan = self.presenter.plan
        if plan is None or plan.check is None:
            return
        text = self.tr("Checked {rows} rows · longest comment {length} characters (line {line})")
        self.status_changed.emit(
            text.format(
                rows=formats.number(plan.check.rows),
                length=formats.number(plan.check.longest_text),
                line=formats.number(plan.check.longest_text_line),
            )
        )

    @Slot(object)
    def _show_check_progress(self, progress: ImportProgress) -> None:
        text = self.tr("Checking the file: {rows} rows").format(rows=formats.number(progress.rows))
        self.status_changed.emit(text)

    @Slot(str, object)
    def _show_problem(self, code: str, params: dict[str, object]) -> None:
        if self.presenter.path is not None and params.get("path") == str(self.presenter.path):
            params = {**params, "path": self.presenter.path.name}
        words = message(code, params, current_language())
        if self.presenter.plan is None:
            waiting = len(self.presenter.queue)
            skip = self.tr("Go on with the next file ({count})").format(count=waiting) if waiting else ""
            self._is_unreadable = True
            self._go(Step.FILE)
            self._tell(self.files.problem, words.what, words.next_step, self.tr("Choose another file…"), skip)
        else:
            self._tell(self.columns.problem, words.what, words.next_step, self.tr("Try again"), "")
            self._show_footer()

    def _tell(self, banner: Banner, title: str, text: str, primary: str, secondary: str) -> None:
        banner.show_message(title, text, primary=primary, secondary=secondary, kind="error")

    @Slot()
    def _show_write(self) -> None:
        self._go(Step.WRITE)

    @Slot()
    def _next_file(self) -> None:
        self.flow.reset(is_new=self.flow.is_new)
        self.presenter.set_labels(self._labels())
        self.presenter.next_file()

    # --- footer ---

    @Slot()
    def _show_footer(self) -> None:
        footer, step = self.footer, self.step
        is_idle = not self.writer.is_writing
        footer.cancel.setText(self.tr("Cancel"))
        footer.cancel.setVisible(is_idle and not self.flow.is_done)
        footer.back.setText(self.tr("Back"))
        footer.back.setVisible(step is not Step.FILE and is_idle and not self.flow.is_done)
        footer.next.setVisible((step is not Step.FILE or self._has_open_file()) and is_idle)
        footer.next.setText(self._next_text())
        obstacle = self._obstacle() if step is Step.COLUMNS else None
        is_open = obstacle is None and (
            step is not Step.WRITE
            or self.flow.is_done
            or not self.flow.makes_project
            or self.write.place.target() is not None
        )
        footer.next.setEnabled(is_open)
        footer.setVisible(not self.writer.is_writing and not self.flow.is_done)
        plan = self.presenter.plan
        if obstacle is not None and plan is not None:
            is_waiting = obstacle is Obstacle.NOT_CHECKED
            footer.say(wording.obstacle_text(plan, obstacle), is_obstacle=not is_waiting)
        else:
            footer.say(self.tr("Nothing has been written yet"), is_obstacle=False)

    def _next_text(self) -> str:
        plan = self.presenter.plan
        rows = formats.number(plan.rows_to_import if plan is not None else 0)
        if self.step is Step.FILE:
            return self.tr("Next: encoding and columns")
        if self.step is Step.COLUMNS:
            return self.tr("Next: check report")
        if self.step is Step.REPORT and self.flow.makes_project:
            return self.tr("Next: place of the project")
        if self.flow.makes_project:
            return self.tr("Make the project and write {count} rows").format(count=rows)
        return self.tr("Write {count} rows").format(count=rows)


def _asked(argument: object) -> tuple[list[Path], bool]:
    """The files of an argument of `ImportPage.on_shown`, and whether they are to make a new project."""
    if isinstance(argument, dict):
        return [Path(path) for path in argument.get("files", ())], bool(argument.get("new_project"))
    if isinstance(argument, (str, Path)):
        return [Path(argument)], False
    return [Path(path) for path in argument] if isinstance(argument, (list, tuple)) else [], False
