"""The guidelines of the open project on the labelling page: shown, folded, written, taken back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Slot

from senti_studio.domain.guidelines import Guidelines, guide_of, template
from senti_studio.ui.i18n import tr
from senti_studio.ui.operations import Failure, run_operation
from senti_studio.ui.pages.label.guide_card import GuideCard
from senti_studio.ui.pages.label.guide_editor import GuideEditor

if TYPE_CHECKING:
    from senti_studio.storage.project import Project
    from senti_studio.ui.pages.label.view import LabelPage

FOLDED = "guide_folded"
"""The setting that remembers a folded card."""


class GuideDesk(QObject):
    """Where the window has no room for the card, the same key opens it as a drawer over the page."""

    def __init__(self, page: LabelPage) -> None:
        super().__init__(page)
        self._page = page
        self._project: Project | None = None
        self._is_opened = False
        """The user opened the card though nothing is written yet."""
        self.guidelines = Guidelines()
        self.editor: GuideEditor | None = None
        self.drawer: GuideCard | None = None
        page.guide.edit_wanted.connect(self.edit)
        page.guide.fold_wanted.connect(self.toggle)
        page.presenter.labels_replaced.connect(self._show)
        page.context.actions.bind("label.guide", self.toggle, page=page.name)
        page.installEventFilter(self)

    def open(self, project: Project | None) -> None:
        """Another project."""
        self._project = project
        self.guidelines, self._is_opened = Guidelines(), False
        self.close_drawer()
        self._show()
        self.refresh()

    def retranslate(self) -> None:
        self._page.guide.retranslate()
        self.close_drawer()
        self._show()

    @Slot()
    def refresh(self) -> None:
        """Reads them again: another window may have changed them."""
        project = self._project
        if project is None:
            return

        def work() -> Guidelines:
            from senti_studio.operations.guidelines import guidelines_of

            return guidelines_of(project)

        run_operation(self, work, on_success=lambda found: self._take(project, found))

    def _take(self, project: Project, found: Guidelines) -> None:
        if project is self._project and found != self.guidelines:
            self.guidelines = found
            self._show()

    # ---- showing -------------------------------------------------------------------------------------------

    @Slot()
    def _show(self) -> None:
        labels = self._page.presenter.labels
        guide = guide_of(self.guidelines.text_for(self._names()), [label.name for label in labels])
        for card in (self._page.guide, self.drawer):
            if card is not None:
                card.show_guide(guide, labels)
        is_folded = self._page.context.settings.flag(FOLDED) or (guide.is_empty and not self._is_opened)
        self._page.guide.set_open(not is_folded)
        self._page.fit()

    @Slot()
    def toggle(self) -> None:
        """Folds or unfolds the card; without room for it, the drawer comes or goes."""
        page = self._page
        if self.drawer is not None:
            self.close_drawer()
            return
        on = page.guide.is_folded or page.guide.isHidden()
        if on and not page.has_room_for_guide(True):
            self._open_drawer()
            return
        self._is_opened = on
        page.context.settings.set_flag(FOLDED, not on)
        page.guide.set_open(on)
        page.fit()

    def _open_drawer(self) -> None:
        page = self._page
        drawer = self.drawer = GuideCard(page.context.theme, page)
        drawer.set_look("popup")
        drawer.fold.set_icon("x")
        drawer.edit_wanted.connect(self.edit)
        drawer.fold_wanted.connect(self.close_drawer)
        drawer.setGeometry(page.drawer_place())
        self._show()
        drawer.show()
        drawer.raise_()

    @Slot()
    def close_drawer(self) -> None:
        drawer, self.drawer = self.drawer, None
        if drawer is not None:
            drawer.hide()
            drawer.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Hide):
            self.close_drawer()
        return super().eventFilter(watched, event)

    # ---- writing -------------------------------------------------------------------------------------------

    @Slot()
    def edit(self) -> None:
        """Opens the editor on what is stored now."""
        project = self._project
        if project is None or self.editor is not None:
            return

        def work() -> Guidelines:
            from senti_studio.operations.guidelines import guidelines_of

            return guidelines_of(project)

        def open_editor(found: Guidelines) -> None:
            if project is self._project and self.editor is None:
                self._take(project, found)
                self._open_editor()

        run_operation(self, work, on_success=open_editor)

    def _open_editor(self) -> None:
        page, now = self._page, self.guidelines.text_for(self._names())
        editor = GuideEditor(page.context, now or self._template(), self.guidelines.earlier, page)
        editor.taken.connect(self.store)
        editor.finished.connect(self._editor_closed)
        self.editor = editor
        editor.open()

    def _names(self) -> dict[int, str]:
        return {label.id: label.name for label in self._page.presenter.labels}

    def _template(self) -> str:
        names = [label.name for label in self._page.presenter.labels]
        return template(
            names,
            rule=tr("When is a comment “{label}”? One sentence."),
            example=tr("A comment that is “{label}”"),
            note=tr("What to do in doubt."),
        )

    @Slot(int)
    def _editor_closed(self, _result: int) -> None:
        self.editor = None
        self._page.setFocus()

    @Slot(str)
    def store(self, text: str) -> None:
        """Keeps a text in the project; the toast offers to take that back."""
        project, context = self._project, self._page.context
        before, names, by = self.guidelines, self._names(), context.session.annotator
        after = before.changed(text, at=int(time.time() * 1000), by=by, names=names)
        if project is None or after == before:
            return
        from senti_studio.operations.guidelines import store_guidelines

        def stored(_: None) -> None:
            if project is self._project:
                self._is_opened = True
                self.guidelines = after
                self._show()
                context.toasts.show(
                    tr("Guidelines saved"),
                    kind="done",
                    action=tr("Undo"),
                    on_action=lambda: self.store(before.text_for(names)),
                )

        def failed(error: Failure) -> None:
            context.dialogs.error(error)

        context.session.track(store_guidelines(project, after), on_success=stored, on_failure=failed)
