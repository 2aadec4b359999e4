"""The menu of the filter button: which sources, and in the queue of labelled comments which labels."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QMenu, QWidget

from senti_studio.ui.context import UiContext
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.label.independent import ACTION
from senti_studio.ui.pages.label.presenter import LabelPresenter
from senti_studio.ui.pages.label.queue_view import Tab


class FilterMenu(QMenu):
    """Made anew whenever it opens; ``change`` is called with fields of `feed.View`."""

    def __init__(
        self, context: UiContext, presenter: LabelPresenter, change: Callable[..., object], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session, self._actions = context.session, context.actions
        self._presenter = presenter
        self._change = change
        self.aboutToShow.connect(self._fill)

    @Slot()
    def _fill(self) -> None:
        self.clear()
        project, view = self._session.project, self._presenter.feed.view
        if project is None:
            return
        self.addSection(tr("Sources"))
        for source in project.sources.list():
            self._add(source.name, "source_ids", view.source_ids, source.id)
        if view.tab is Tab.LABELLED:
            self.addSection(tr("Labels"))
            for label in self._presenter.labels:
                self._add(f"{label.shape} {label.name}", "label_ids", view.label_ids, label.id)
        shares = project.people.shares()
        if shares:
            self.addSection(tr("Handed out"))
            for share in shares:
                text = tr("{person}: {n} comments").format(person=share.person, n=number(share.comments))
                self._add(text, "share_ids", view.share_ids, share.id)
        self.addSeparator()
        self.addAction(self._actions.action(ACTION))
        clear = self.addAction(tr("Clear filter"))
        clear.setEnabled(bool(view.source_ids or view.label_ids or view.share_ids))
        nothing: frozenset[int] = frozenset()
        clear.triggered.connect(
            lambda: self._change(source_ids=nothing, label_ids=nothing, share_ids=nothing)
        )

    def _add(self, text: str, field: str, chosen: frozenset[int], value: int) -> None:
        action = self.addAction(text.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(value in chosen)
        action.triggered.connect(lambda _=False: self._change(**{field: chosen ^ {value}}))
