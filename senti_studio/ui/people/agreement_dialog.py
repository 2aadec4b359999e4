"""How far the people who label agree: figures, pairs, labels, and two people against each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal, Slot
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
from senti_studio.ui.i18n import counted, marked, tr
from senti_studio.ui.people.pair_matrix import PairMatrix
from senti_studio.ui.people.people_choice import PeopleChoice, common_of
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.empty_state import EmptyState
from senti_studio.ui.widgets.progress import JobProgress
from senti_studio.ui.widgets.scrolled import scrolled
from senti_studio.ui.widgets.styles import text_label

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

_MOST_PAIRS = 200
_FEW_PAIRS = 6
"""So many stand above the matrix; more stand below it, so that it stays in sight."""
_AFTER_TICKS_MS = 250


class AgreementDialog(QDialog):
    """Asks the helper when it opens; `decide_wanted` when the disputed comments are to be decided."""

    decide_wanted = Signal()
    shown = Signal()
    """The figures are in view."""

    def __init__(self, context: UiContext, project: Project) -> None:
        super().__init__(context.dialogs.window)
        self._context = context
        self._labels = tuple(project.labels.list())
        self._folder = str(project.folder)
        self.report: AgreementReport | None = None
        self.choice: PeopleChoice | None = None
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
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(12)
        self._column.addWidget(self.stack, 1)
        self._column.addLayout(row)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(_AFTER_TICKS_MS)
        self._again.timeout.connect(self._compare)
        self._helper = HelperCall(self)
        self._helper.progress.connect(self._show_progress)
        self._helper.answered.connect(self._take)
        self._helper.failed.connect(self._fail)
        self.bar.cancelled.connect(self.close)
        context.session.project_changed.connect(self.close)
        self._compare()

    @Slot()
    def _compare(self) -> None:
        """Asks the helper about the people who are ticked, at first about all."""
        people = self.choice.chosen if self.choice is not None else []
        self._helper.close()
        if self.choice is not None and len(people) < 2:
            self._show(self._nothing_in_common())
            return
        self._helper.start("survey", "agreement", project=self._folder, people=people)

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
        if self.choice is None and found.comments:
            choice = self._offer_people(found)
            if len(choice.chosen) < len(found.people):
                self._compare()
                return
        self.report = found
        if found.comments:
            self._show(self._page(found))
        else:
            self._show(self._nothing() if self.choice is None else self._nothing_in_common())
        if found.disputed:
            one, many = marked("Decide the disputed comment…"), marked("Decide {n} disputed comments…")
            self.decide.setText(counted(found.disputed, one, many).format(n=number(found.disputed)))
            self.decide.show()
        self.shown.emit()

    def _offer_people(self, found: AgreementReport) -> PeopleChoice:
        self.choice = PeopleChoice(common_of(found), self)
        self.choice.changed.connect(self._again.start)
        self._column.insertWidget(0, self.choice)
        return self.choice

    def _show(self, page: QWidget) -> None:
        """In the place of what was shown before."""
        before = self.stack.widget(1)
        if before is not None:
            self.stack.removeWidget(before)
            before.deleteLater()
        self.stack.addWidget(page)
        self.stack.setCurrentIndex(1)

    def _nothing_in_common(self) -> QWidget:
        words = tr("Tick two people or more who have comments in common.")
        return EmptyState("user", tr("Nothing to compare"), words, theme=self._context.theme)

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
        lists = QHBoxLayout()
        lists.setSpacing(12)
        lists.addWidget(self._pairs(found), 1, Qt.AlignmentFlag.AlignTop)
        lists.addWidget(self._per_label(found), 1, Qt.AlignmentFlag.AlignTop)
        matrix = self._pair_card(found)
        if len(found.pairs) > _FEW_PAIRS:
            column.addWidget(matrix)
            column.addLayout(lists)
        else:
            column.addLayout(lists)
            column.addWidget(matrix)
        column.addStretch(1)
        return scrolled(inside)

    def _head(self, found: AgreementReport) -> str:
        one = marked("One comment was labelled by two people or more; disputed in the project: {disputed}")
        many = marked("{n} comments were labelled by two people or more; disputed in the project: {disputed}")
        return counted(found.comments, one, many).format(
            n=number(found.comments), disputed=number(found.disputed)
        )

    def _tiles(self, found: AgreementReport) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        one, many = marked("1 comment labelled by everybody"), marked("{n} comments labelled by everybody")
        everybody = counted(found.whole, one, many).format(n=number(found.whole))
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
        used = _used(self.report)
        labels = self._label_set()
        cells = [
            tuple(pair.confusion[row][column] if pair is not None else 0 for column in used) for row in used
        ]
        self.matrix.show_people(first, second)
        self.matrix.show_matrix([labels[place] for place in used], tuple(cells))
        if pair is None or not pair.comments:
            self.pair_words.setText(tr("These two have not labelled the same comment."))
            return
        one = marked("1 comment by both, {share} alike, Cohen's κ {kappa}")
        words = counted(pair.comments, one, marked("{n} comments by both, {share} alike, Cohen's κ {kappa}"))
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
            if each.given
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


def _used(found: AgreementReport) -> list[int]:
    """Places of the labels that somebody gave; others would be empty rows."""
    return [place for place, each in enumerate(found.labels) if each.given]


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
