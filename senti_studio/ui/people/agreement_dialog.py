"""How far the people who label agree: figures, pairs, labels, and two people against each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from senti_studio.domain.labels import Label
from senti_studio.domain.people import AgreementReport, confusion_between
from senti_studio.errors import UserError
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.ui.context import UiContext
from senti_studio.ui.formats import number, percent, score
from senti_studio.ui.helper_call import HelperCall
from senti_studio.ui.i18n import tr
from senti_studio.ui.people.pair_matrix import PairMatrix
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.empty_state import EmptyState
from senti_studio.ui.widgets.progress import JobProgress
from senti_studio.ui.widgets.scrolled import scrolled
from senti_studio.ui.widgets.styles import text_label

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

_MOST_PAIRS = 200


class AgreementDialog(QDialog):
    """Asks the helper when it opens; `decide_wanted` when the disputed comments are to be decided."""

    decide_wanted = Signal()
    shown = Signal()
    """The figures are in view."""

    def __init__(self, context: UiContext, project: Project) -> None:
        super().__init__(context.dialogs.window)
        self._context = context
        self._labels = tuple(project.labels.list())
        self.report: AgreementReport | None = None
        self.setWindowTitle(tr("Agreement of the annotators"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(940, 700)
        self.setMinimumSize(640, 420)
        theme = context.theme
        self.bar = JobProgress(tr("Comparing labels"), theme=theme)
        self.bar.rows.hide()
        waiting = QWidget()
        column = QVBoxLayout(waiting)
        column.setContentsMargins(24, 20, 24, 20)
        column.addWidget(self.bar)
        column.addStretch(1)
        self.stack = QStackedWidget()
        self.stack.addWidget(waiting)
        self.decide = button(theme=theme, kind="primary", icon="check")
        self.decide.clicked.connect(self._decide)
        self.decide.hide()
        close = button(tr("Close"), theme=theme)
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.setContentsMargins(24, 0, 24, 20)
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(close)
        row.addWidget(self.decide)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self.stack, 1)
        layout.addLayout(row)
        self._helper = HelperCall(self)
        self._helper.progress.connect(self._show_progress)
        self._helper.answered.connect(self._take)
        self._helper.failed.connect(self._fail)
        self.bar.cancelled.connect(self.close)
        context.session.project_changed.connect(self.close)
        self._helper.start("survey", "agreement", project=str(project.folder), people=[])

    @Slot(dict)
    def _show_progress(self, step: dict[str, Any]) -> None:
        self.bar.set_progress(step.get("rows"), step.get("total"), eta=step.get("eta"))

    @Slot(str, object)
    def _fail(self, code: str, params: dict[str, Any]) -> None:
        self.close()
        if code != "CANCELLED":
            self._context.dialogs.error(UserError(code, **params))

    @Slot(dict)
    def _take(self, answer: dict[str, Any]) -> None:
        found = from_json(AgreementReport, answer)
        self.report = found
        self.stack.addWidget(self._page(found) if found.comments else self._nothing())
        self.stack.setCurrentIndex(1)
        if found.disputed:
            words = tr("Decide {n} disputed comments…").format(n=number(found.disputed))
            self.decide.setText(words)
            self.decide.show()
        self.shown.emit()

    def _nothing(self) -> QWidget:
        words = tr(
            "Hand comments out with an overlap (Label menu), or label independently under another name;"
            " what came with files counts for nobody."
        )
        title = tr("No comment has labels of two people yet")
        return EmptyState("user", title, words, theme=self._context.theme)

    # -- figures -------------------------------------------------------------------------------------------

    def _page(self, found: AgreementReport) -> QWidget:
        inside = QWidget()
        inside.setObjectName("scrolled")
        column = QVBoxLayout(inside)
        column.setContentsMargins(24, 20, 24, 0)
        column.setSpacing(12)
        column.addWidget(text_label(self._head(found), size="label", bold=True, wrap=True))
        words = tr("Counted is what each person said before anything was decided.")
        column.addWidget(text_label(words, role="hint", size="small", wrap=True))
        column.addLayout(self._tiles(found))
        column.addWidget(self._pair_card(found))
        lists = QHBoxLayout()
        lists.setSpacing(12)
        lists.addWidget(self._pairs(found), 1, Qt.AlignmentFlag.AlignTop)
        lists.addWidget(self._per_label(found), 1, Qt.AlignmentFlag.AlignTop)
        column.addLayout(lists)
        column.addStretch(1)
        return scrolled(inside)

    def _head(self, found: AgreementReport) -> str:
        return tr("{n} comments were labelled by two people or more; {disputed} are disputed").format(
            n=number(found.comments), disputed=number(found.disputed)
        )

    def _tiles(self, found: AgreementReport) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        everybody = tr("{n} comments labelled by everybody").format(n=number(found.whole))
        for title, value, hint in (
            (tr("Alike"), percent(found.share), tr("of all pairs of labels")),
            (tr("Krippendorff's α"), _figure(found.alpha), _judged(found.alpha)),
            (tr("Fleiss' κ"), _figure(found.fleiss), everybody),
        ):
            card = Card()
            card.body.setSpacing(2)
            card.body.addWidget(text_label(title, role="second", size="small"))
            card.body.addWidget(text_label(value, size="title"))
            card.body.addWidget(text_label(hint, role="hint", size="small"))
            row.addWidget(card, 1)
        return row

    def _pair_card(self, found: AgreementReport) -> Card:
        card = Card(tr("Two people against each other"))
        self.first, self.second = QComboBox(), QComboBox()
        for box, name in ((self.first, tr("Rows")), (self.second, tr("Columns"))):
            box.addItems([person.name for person in found.people])
            box.setAccessibleName(name)
            box.setMinimumWidth(120)
            card.header.addWidget(text_label(name, role="hint", size="small"))
            card.header.addWidget(box)
        self.matrix = PairMatrix(self._context.theme)
        self.matrix.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.pair_words = text_label(role="second", wrap=True)
        card.body.addWidget(self.matrix)
        card.body.addWidget(self.pair_words)
        most = max(found.pairs, key=lambda pair: pair.comments)
        self.first.setCurrentText(most.first)
        self.second.setCurrentText(most.second)
        self.first.activated.connect(self._show_pair)
        self.second.activated.connect(self._show_pair)
        self._show_pair()
        return card

    @Slot()
    def _show_pair(self) -> None:
        assert self.report is not None
        first, second = self.first.currentText(), self.second.currentText()
        pair = confusion_between(self.report, first, second)
        size = len(self.report.label_ids)
        empty = tuple((0,) * size for _ in range(size))
        self.matrix.show_people(first, second)
        self.matrix.show_matrix(self._label_set(), pair.confusion if pair is not None else empty)
        if pair is None or not pair.comments:
            self.pair_words.setText(tr("These two have not labelled the same comment."))
            return
        words = tr("{n} comments by both, {share} alike, Cohen's κ {kappa}")
        self.pair_words.setText(
            words.format(n=number(pair.comments), share=percent(pair.share), kappa=_figure(pair.kappa))
        )

    def _label_set(self) -> list[Label]:
        assert self.report is not None
        known = {label.id: label for label in self._labels}
        return [known.get(each, Label("?", "?")) for each in self.report.label_ids]

    def _pairs(self, found: AgreementReport) -> Card:
        card = Card(tr("Pairs"))
        rows = [
            (f"{pair.first} – {pair.second}", number(pair.comments), percent(pair.share), _figure(pair.kappa))
            for pair in found.pairs[:_MOST_PAIRS]
            if pair.comments
        ]
        card.body.addLayout(_grid(("", tr("comments"), tr("Alike"), tr("Cohen's κ")), rows))
        return card

    def _per_label(self, found: AgreementReport) -> Card:
        card = Card(tr("Labels"), tr("how likely the other says the same"))
        rows = [
            (f"{label.shape} {label.name}", number(each.given), percent(each.share), _figure(each.alpha))
            for label, each in zip(self._label_set(), found.labels, strict=True)
        ]
        card.body.addLayout(_grid(("", tr("given"), tr("Alike"), tr("α")), rows))
        return card

    @Slot()
    def _decide(self) -> None:
        self.close()
        self.decide_wanted.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._helper.close_and_wait()
        super().closeEvent(event)

    def reject(self) -> None:
        self._helper.close_and_wait()
        super().reject()


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(0, 1)
    for column, words in enumerate(head):
        grid.addWidget(_cell(words, column, role="hint"), 0, column)
    for place, row in enumerate(rows, 1):
        for column, words in enumerate(row):
            grid.addWidget(_cell(words, column), place, column)
    return grid


def _cell(words: str, column: int, *, role: str = "") -> QLabel:
    label = text_label(words, role=role, size="small" if role else "ui")
    side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
    label.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    return label


def _figure(value: float | None) -> str:
    return score(value, decimals=2)


def _judged(alpha: float | None) -> str:
    """Krippendorff (2004): rely on 0.80 and more, below 0.667 on nothing."""
    if alpha is None:
        return tr("not defined: one label only")
    if alpha >= 0.8:
        return tr("reliable (0.80 and above)")
    return tr("usable with care (0.67 to 0.80)") if alpha >= 0.667 else tr("too low to rely on (below 0.67)")
