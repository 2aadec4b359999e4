"""Before the start: what is in the way, what is left out, and what may surprise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from senti_studio.messages import message
from senti_studio.ui import formats
from senti_studio.ui.i18n import current_language, marked
from senti_studio.ui.icons import pixmap
from senti_studio.ui.pages.train.plan_view import PlanView
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.styles import text_label

_REASONS = {
    "disagreement": marked("people disagree on them"),
    "excluded": marked("they were excluded on the Data page"),
    "set_aside": marked("set aside as the test set"),
    "same_as_test": marked("same or nearly the same text as a test comment"),
    "same_group_as_test": marked("in one group with a test comment"),
}
_TOKENS = {"error": "danger", "alert": "warn", "info": "text3"}
_FEW = "TOO_FEW_COMMENTS"
NAMES = 5
"""Labels that are named; of more only the number is told."""


class PlanNotes(QWidget):
    """A line for each; `look_wanted`: near-copies are to be looked for, `stop_wanted`: no longer."""

    look_wanted = Signal()
    stop_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._plan: PlanView | None = None
        self._is_refused = False
        self._looking: float | None = None
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(8)

    def show_plan(self, plan: PlanView | None, *, is_refused: bool) -> None:
        """None while the plan is being worked out; ``is_refused``: what is in the way is an error by now."""
        self._plan, self._is_refused = plan, is_refused
        self._write()

    def show_looking(self, share: float | None) -> None:
        """How far the look for near-copies is; None while nobody looks."""
        if share != self._looking:
            self._looking = share
            self._write()

    def _write(self) -> None:
        while self._rows.count():
            item = self._rows.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        plan = self._plan
        if plan is None:
            self._note(self.tr("Counting the labels…"), "hint", "")
            return
        if plan.problem is not None:
            code, params = plan.problem
            role, icon = ("error", "error") if self._is_refused else ("second", "info")
            self._note(str(message(code, params, current_language())), role, icon)
        few = [params for code, params in plan.warnings if code == _FEW]
        if len(few) > 1:
            self._note_few(few)
        for code, params in plan.warnings:
            if code != _FEW or len(few) == 1:
                self._note(str(message(code, params, current_language())), "warn", "alert")
        self._note_unused(plan)
        self._note_copies(plan)
        self._note_left_out(plan)
        self._note_length(plan)
        if plan.step_rows:
            text = self.tr("{n} comments a step, not {asked}: few comments are learnt in smaller batches")
            self._note(text.format(n=plan.step_rows, asked=plan.asked), "second", "info")

    def _note_few(self, few: Sequence[Mapping[str, object]]) -> None:
        """One note for all: of many the rarest are named."""
        rarest = sorted(few, key=lambda params: int(str(params.get("count", 0))))[:NAMES]
        listed = self.tr(", ").join(f"{each.get('label')} {each.get('count')}" for each in rarest)
        if len(few) > NAMES:
            listed += self.tr(", ") + self.tr("and {n} more").format(n=formats.number(len(few) - NAMES))
        text = self.tr(
            "Few comments to train on: {labels}. A model can hardly learn these; at least {least} of each "
            "are advised."
        )
        self._note(text.format(labels=listed, least=few[0].get("least", "")), "warn", "alert")

    def _note_unused(self, plan: PlanView) -> None:
        unused = plan.unused if plan.labelled else ()
        if not unused:
            return
        if len(unused) > NAMES:
            text = self.tr("{n} labels stand at no comment: the model will not know them")
            self._note(text.format(n=formats.number(len(unused))), "warn", "alert")
            return
        listed = self.tr(", ").join(f"“{label.name}”" for label in unused)
        text = self.tr("No comment is labelled {labels}: the model will not know it")
        self._note(text.format(labels=listed), "warn", "alert")

    def _note_copies(self, plan: PlanView) -> None:
        """Copies on both sides of the split flatter, and nobody sees it from the figures."""
        if plan.near_copies == "known" or not plan.labelled:
            return
        if self._looking is not None:
            text = self.tr("Looking for near-copies {share}")
            text = text.format(share=formats.percent(self._looking, decimals=0))
            self._note(text, "second", "info", (self.tr("Stop looking"), self.stop_wanted.emit))
            return
        text = self.tr(
            "Near-copies have not been looked for yet: only identical texts are sure to stay on one side, "
            "so the figures may look too good."
        )
        if plan.near_copies == "outdated":
            text = self.tr(
                "Files came after near-copies were looked for: theirs may stand on both sides, so the "
                "figures may look too good."
            )
        self._note(text, "warn", "alert", (self.tr("Look for near-copies"), self.look_wanted.emit))

    def _note_left_out(self, plan: PlanView) -> None:
        for reason, count in plan.left_out.items():
            if count:
                words = self.tr(_REASONS[reason]) if reason in _REASONS else reason
                text = self.tr("{n} labelled comments are left out: {reason}")
                self._note(text.format(n=formats.number(count), reason=words), "second", "info")
        if plan.leaked:
            text = self.tr(
                "{n} texts of the test part also occur in training; the figures will look too good"
            )
            self._note(text.format(n=formats.number(plan.leaked)), "warn", "alert")

    def _note_length(self, plan: PlanView) -> None:
        """Also where nothing is cut: silence would say that nobody knows."""
        if not plan.length or not any(plan.rows.values()):
            return
        length = formats.number(plan.max_length)
        if plan.length == "automatic":
            text = self.tr("The greatest length is automatic: 99 in 100 comments are read whole")
        elif plan.length == "windows":
            text = self.tr("Longer comments are read in windows: nothing is cut")
        elif plan.cut_share:
            text = self.tr("About {share} of the comments are longer than {n} units and are shortened")
        else:
            text = self.tr("0% of the comments are longer than {n} units: all are read whole")
        share = formats.percent(max(0.01, plan.cut_share), decimals=0)
        self._note(text.format(share=share, n=length), "second", "info")

    def _note(
        self, text: str, role: str, icon: str, act: tuple[str, Callable[[], None]] | None = None
    ) -> None:
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        if icon:
            picture = QLabel()
            picture.setPixmap(
                pixmap(icon, self._theme, token=_TOKENS[icon], size=14, scale=self.devicePixelRatioF())
            )
            row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(text_label(text, role=role, size="small", wrap=True))
        if act is not None:
            words, wanted = act
            link = button(words, theme=self._theme, kind="link")
            link.set_dense()
            link.clicked.connect(wanted)
            column.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)
        row.addLayout(column, 1)
        self._rows.addWidget(holder)
