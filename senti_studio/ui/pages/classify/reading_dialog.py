"""How one file of the queue is read: encoding, delimiter and text column, with the rows in view."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from senti_studio.messages import message
from senti_studio.ui.context import UiContext
from senti_studio.ui.i18n import current_language
from senti_studio.ui.pages.importing import wording
from senti_studio.ui.pages.importing.encoding_panel import EncodingPanel
from senti_studio.ui.pages.importing.plan import Obstacle, Use
from senti_studio.ui.pages.importing.presenter import ImportPresenter
from senti_studio.ui.pages.importing.preview_pane import PreviewPane
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.styles import set_style, text_label

_USES = (Use.TEXT, Use.KEEP)
_ASKS = (Obstacle.NO_TEXT_COLUMN, Obstacle.ENCODING_IN_DOUBT)


class ReadingDialog(QDialog):
    """Sends `taken` with the `ImportPlan` when the user is content."""

    taken = Signal(object)

    def __init__(self, context: UiContext, path: Path, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("How is {name} read?").format(name=path.name))
        self.resize(940, 640)
        # A child of the page: its helper may need a moment longer than the dialog to end.
        self.presenter = ImportPresenter(parent, as_columns=True)
        self.encodings = EncodingPanel(context, self)
        self.preview = PreviewPane(context, [str(use) for use in _USES], self)
        self.preview.set_title(self.tr("Choose the column that holds the comments"))
        self.preview.retranslate()
        self.grid = self.preview.grid
        self.note = text_label(role="second", wrap=True)
        self.take = button(self.tr("Read it like this"), kind="primary", theme=context.theme)
        cancel = button(self.tr("Cancel"), theme=context.theme)
        cancel.clicked.connect(self.reject)
        self.take.clicked.connect(self._take)
        self.take.setEnabled(False)
        acts = QHBoxLayout()
        acts.setSpacing(8)
        acts.addWidget(self.note, 1)
        acts.addWidget(cancel)
        acts.addWidget(self.take)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(self.encodings)
        layout.addWidget(self.preview, 1)
        layout.addLayout(acts)
        self._connect()
        self.encodings.retranslate()
        self.encodings.show_loading()
        self.grid.set_titles({str(use): wording.use_name(use) for use in _USES})
        self.finished.connect(self.presenter.close_for_good)
        self.presenter.start([path], ())

    def _connect(self) -> None:
        presenter = self.presenter
        presenter.sniffed.connect(self._show_sniffed)
        presenter.compared.connect(self.preview.show_comparison)
        self.preview.compare_asked.connect(presenter.compare)
        self.preview.comparison.encoding_chosen.connect(presenter.choose_encoding)
        presenter.preview_changed.connect(self._show_preview)
        presenter.plan_changed.connect(self._show_plan)
        presenter.problem.connect(self._show_problem)
        self.encodings.encoding_chosen.connect(presenter.choose_encoding)
        self.encodings.delimiter_chosen.connect(presenter.choose_delimiter)
        self.encodings.quote_chosen.connect(presenter.choose_quote)
        self.encodings.header_chosen.connect(presenter.choose_header)
        self.encodings.sheet_chosen.connect(presenter.choose_sheet)
        self.grid.use_chosen.connect(lambda column, use: presenter.choose_use(column, Use(use)))

    @Slot()
    def _show_sniffed(self) -> None:
        if self.presenter.plan is not None:
            self.preview.begin(self.presenter.plan)

    @Slot()
    def _show_preview(self) -> None:
        plan = self.presenter.plan
        if plan is not None:
            self.preview.show_rows(plan)

    @Slot()
    def _show_plan(self) -> None:
        plan = self.presenter.plan
        if plan is None:
            return
        self.encodings.show_plan(plan)
        self.preview.show_plan(plan)
        self.grid.show_uses([str(use if use is Use.TEXT else Use.KEEP) for use in plan.uses])
        obstacle = plan.obstacle()
        if obstacle in (Obstacle.OPEN_LABEL_VALUES, Obstacle.TOO_MANY_LABEL_VALUES):
            obstacle = None  # labels of the file do not matter here
        self.take.setEnabled(obstacle is None)
        self.note.setText(wording.obstacle_text(plan, obstacle) if obstacle is not None else "")
        set_style(self.note, "role", "warn" if obstacle in _ASKS else "second")

    @Slot(str, object)
    def _show_problem(self, code: str, params: dict[str, object]) -> None:
        self.note.setText(str(message(code, params, current_language())))
        set_style(self.note, "role", "error")
        self.take.setEnabled(False)

    @Slot()
    def _take(self) -> None:
        self.taken.emit(self.presenter.plan)
        self.accept()
