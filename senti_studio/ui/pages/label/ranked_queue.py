"""Queues that take more than a look into the project: the assistant ranks them, or batches must be read."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from senti_studio.domain.assisting import Ranking
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.ui.context import UiContext
from senti_studio.ui.formats import number
from senti_studio.ui.helper_call import HelperCall
from senti_studio.ui.i18n import tr
from senti_studio.ui.operations import run_operation
from senti_studio.ui.pages.label.feed import CommentFeed
from senti_studio.ui.pages.label.queue_view import RANKED, Kind, View

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

AT_ONCE = 200
"""So many comments are ranked ahead; they are used up or replaced before that matters."""
_MOST = 100_000
_FEW_LEFT = 20
_LOOK_AFTER_MS = 20


class RankedQueue(QObject):
    """Asks for the order of the view when it is needed, and again when the assistant knows better."""

    changed = Signal()
    """`words` are others."""
    ready = Signal()
    """Predictions were collected: the queue is to be filled anew."""

    def __init__(self, context: UiContext, feed: CommentFeed, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._feed = context, feed
        self._assistant = context.assistant
        self._asked: View | None = None
        self._ranking: Ranking | None = None
        self._seed = secrets.randbits(31)
        self._survey = HelperCall(self)
        self._survey.answered.connect(self._collected)
        self._collected_for: View | None = None
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(_LOOK_AFTER_MS)
        self._look.timeout.connect(self._look_now)
        feed.queue_changed.connect(self._look.start)
        feed.comment_changed.connect(self._look_ahead)
        self._assistant.learnt.connect(self._learnt)
        self._assistant.changed.connect(self._news)
        context.session.project_changed.connect(self._forget)

    @property
    def words(self) -> str:
        """How many comments are ranked, or why none is; empty for a queue that needs nobody."""
        kind, ranking = self._feed.view.kind, self._ranking
        if kind not in RANKED:
            return ""
        if not self._assistant.is_at_hand and (ranking is None or kind is Kind.DISAGREES):
            return tr("no assistant: at random") if kind is Kind.USEFUL else tr("no assistant")
        if ranking is None:
            return tr("being ranked…")
        if kind is Kind.DISAGREES:
            return tr("{n} of {total} labels").format(n=number(len(ranking.ids)), total=number(ranking.total))
        state = self._assistant.state
        ranked = max(ranking.ranked, state.ranked if state is not None else 0)
        total = max(ranking.total, ranked)
        if not ranked:
            return tr("spread out, no model yet")
        if ranked >= total:
            return tr("all ranked, some random")  # how many that is stands on the tab
        return tr("{n} of {total} ranked, some random").format(n=number(ranked), total=number(total))

    def close(self) -> None:
        """The window closes."""
        self._survey.close_and_wait()

    @Slot(object)
    def _forget(self, _project: object) -> None:
        self._asked = self._collected_for = self._ranking = None
        self._survey.close()

    @Slot()
    def _news(self) -> None:
        if not self._assistant.is_at_hand:
            self._asked = None
        self.changed.emit()

    @Slot()
    def _learnt(self) -> None:
        """The order is another one now; a list that is being looked through stays as it is."""
        if self._feed.view.kind is Kind.USEFUL or self._feed.comment is None:
            self._asked = None
            self._look.start()

    @Slot()
    def _look_ahead(self) -> None:
        ranking = self._ranking
        is_full = ranking is not None and len(ranking.ids) == AT_ONCE
        if self._feed.view.kind is Kind.USEFUL and is_full and self._feed.queue.first_left == _FEW_LEFT:
            self._asked = None
            self._look.start()

    @Slot()
    def _look_now(self) -> None:
        view = self._feed.view
        if not self._feed.is_active:
            return
        if view.kind is Kind.DOUBTFUL:
            self._collect(view)
        if view.kind not in RANKED:
            self._asked = None
            self.changed.emit()
            return
        if view != self._asked:
            self._ask(view)

    def _ask(self, view: View) -> None:
        if self._asked is None or self._asked.kind is not view.kind:
            self._ranking = self._ranking if view.kind is Kind.USEFUL else None
        is_asked = self._assistant.ask(
            "rank",
            owner=self,
            on_result=lambda values: self._take(view, values),
            on_failure=lambda _code, _params: self._fail(),
            queue=str(RANKED[view.kind]),
            n=AT_ONCE if view.kind is Kind.USEFUL else _MOST,
            source_ids=sorted(view.source_ids),
            seed=self._seed,
        )
        self._asked = view if is_asked else None
        self.changed.emit()

    def _take(self, view: View, values: dict[str, Any]) -> None:
        if view == self._feed.view:
            self._ranking = from_json(Ranking, values)
            self._feed.rank(view, self._ranking.ids)
            self.changed.emit()

    def _fail(self) -> None:
        """Nothing is tried again before the assistant has news: the queue goes on at random."""
        self.changed.emit()

    # ---- predictions of batches ----------------------------------------------------------------------------

    def _collect(self, view: View) -> None:
        """Has the predictions of all batches read, once for each time that the queue is chosen."""
        project = self._context.session.project
        if project is None or self._collected_for == view or self._survey.is_running:
            return
        self._collected_for = view

        def work() -> bool:
            from senti_studio.operations.predictions import are_collected

            project.comments.predicted.load()
            return are_collected(project)

        run_operation(
            self,
            work,
            on_success=lambda is_whole: None if is_whole else self._start_survey(project),
            on_failure=lambda _: None,
        )

    def _start_survey(self, project: Project) -> None:
        if project is self._context.session.project and not self._survey.is_running:
            self._survey.start("survey", "predictions", project=str(project.folder))

    @Slot(dict)
    def _collected(self, _answer: object) -> None:
        self.ready.emit()
