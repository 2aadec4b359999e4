"""What the training takes over from earlier models: weights to begin with, pseudo-labels, a teacher."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from senti_studio.domain.architectures import architecture_name
from senti_studio.domain.teaching import TEACHING_RANGES, TeachingRequest
from senti_studio.domain.transfer import PSEUDO_RANGES, PseudoRequest
from senti_studio.ui.i18n import marked
from senti_studio.ui.pages.train.group_header import GroupHeader
from senti_studio.ui.pages.train.model_choice import ModelChoice
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.no_wheel import NoWheel
from senti_studio.ui.widgets.styles import text_label

_TITLES = {
    "start": marked("Begin with"),
    "teacher": marked("Pseudo-labels of"),
    "threshold": marked("Sure from"),
    "most": marked("Most of a class"),
    "weight": marked("Weight"),
    "balanced": marked("Keep shares"),
    "taught_by": marked("Learn from"),
    "temperature": marked("Softness"),
    "hard_share": marked("Share of labels"),
    "unlabelled": marked("Without a label"),
}
_HELP = {
    "start": marked(
        "Begins with the weights of an earlier model of this network; new words are added. Its size and "
        "reading options are taken over."
    ),
    "teacher": marked(
        "Comments without a label join the training where this model is sure of them. They never count as "
        "labels."
    ),
    "threshold": marked("The least probability of a comment that joins."),
    "most": marked("So many of each class join at most, the surest first."),
    "balanced": marked("Classes join as they are labelled; else the frequent ones outweigh the others."),
    "weight": marked("What each counts for beside a comment that people have labelled."),
    "taught_by": marked(
        "Learns what this model, a BERT for instance, says of all comments, beside their labels: a small net "
        "becomes nearly as right and stays fast."
    ),
    "temperature": marked("How much the teacher's probabilities are softened; more lets small ones count."),
    "hard_share": marked("How much the label of a comment counts; the rest follows the teacher."),
    "unlabelled": marked("So many comments without a label join at most, for what the teacher says of them."),
}
_OF_PSEUDO = ("threshold", "most", "balanced", "weight")
_OF_TEACHER = ("temperature", "hard_share", "unlabelled")


class TransferGroup(QFrame):
    """`changed` after every edit, `opened` when it unfolds, `start_chosen` with the id of a model."""

    changed = Signal()
    opened = Signal()
    start_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transfer")
        self.setProperty("card", True)
        self._models: tuple[ModelChoice, ...] = ()
        self._architecture = ""
        self.header = GroupHeader(theme, self)
        self.header.setObjectName("group_transfer")
        self.header.toggled.connect(self._fold)
        self._body = QWidget(self)
        self.start, self.teacher, self.taught_by = (QComboBox(self._body) for _ in range(3))
        self.threshold, self.weight = QDoubleSpinBox(self._body), QDoubleSpinBox(self._body)
        self.most, self.balanced = QSpinBox(self._body), QCheckBox(self._body)
        self.temperature, self.hard_share = QDoubleSpinBox(self._body), QDoubleSpinBox(self._body)
        self.unlabelled = QSpinBox(self._body)
        self._editors: dict[str, QComboBox | QDoubleSpinBox | QSpinBox | QCheckBox] = {
            "start": self.start, "teacher": self.teacher, "threshold": self.threshold, "most": self.most,
            "balanced": self.balanced, "weight": self.weight, "taught_by": self.taught_by,
            "temperature": self.temperature, "hard_share": self.hard_share, "unlabelled": self.unlabelled,
        }  # fmt: skip
        self._titles = {name: QLabel(self._body) for name in self._editors}
        self._helps = {name: text_label(role="hint", size="small", wrap=True) for name in self._editors}
        self._lay_out()
        usual, teaching = PseudoRequest(""), TeachingRequest("")
        for spin, span, count in (
            (self.most, PSEUDO_RANGES["most"], usual.most),
            (self.unlabelled, TEACHING_RANGES["most"], teaching.most),
        ):
            spin.setRange(int(span[0]), int(span[1]))
            spin.setGroupSeparatorShown(True)
            spin.setValue(count)
        for editor, span, step, share in (
            (self.threshold, PSEUDO_RANGES["threshold"], 0.01, usual.threshold),
            (self.weight, PSEUDO_RANGES["weight"], 0.1, usual.weight),
            (self.temperature, TEACHING_RANGES["temperature"], 0.5, teaching.temperature),
            (self.hard_share, TEACHING_RANGES["hard_share"], 0.1, teaching.hard_share),
        ):
            editor.setRange(*span)
            editor.setSingleStep(step)
            editor.setDecimals(3 if editor is self.threshold else 2)
            editor.setValue(share)
        self.balanced.setChecked(usual.balanced)
        self._connect()
        self._fill()

    def _lay_out(self) -> None:
        grid = QGridLayout(self._body)
        grid.setContentsMargins(12, 4, 12, 12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        for row, (name, editor) in enumerate(self._editors.items()):
            editor.setObjectName(f"transfer_{name}")
            editor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            editor.installEventFilter(NoWheel(editor))
            self._titles[name].setBuddy(editor)
            if isinstance(editor, QComboBox):
                editor.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
                editor.setMinimumContentsLength(8)
                editor.setFixedWidth(144)
            else:
                editor.setFixedWidth(24 if isinstance(editor, QCheckBox) else 112)
            grid.addWidget(self._titles[name], 2 * row, 0)
            grid.addWidget(editor, 2 * row, 1, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(self._helps[name], 2 * row + 1, 0, 1, 2)
            self._helps[name].setContentsMargins(0, 0, 0, 8)  # it belongs to what is above it
        self._body.setVisible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self._body)

    def _connect(self) -> None:
        self.start.activated.connect(lambda _: self.start_chosen.emit(self.start_from))
        for editor in self._editors.values():
            if isinstance(editor, QComboBox):
                editor.currentIndexChanged.connect(self._edited)
            elif isinstance(editor, QCheckBox):
                editor.toggled.connect(self._edited)
            else:
                editor.valueChanged.connect(self._edited)

    @property
    def start_from(self) -> str:
        """The id of the model to begin with, "" for none."""
        return str(self.start.currentData() or "")

    @property
    def pseudo(self) -> PseudoRequest | None:
        """What is wanted of pseudo-labels, None for none."""
        model = str(self.teacher.currentData() or "")
        if not model:
            return None
        return PseudoRequest(
            model,
            round(self.threshold.value(), 3),
            self.most.value(),
            round(self.weight.value(), 2),
            self.balanced.isChecked(),
        )

    @property
    def teaching(self) -> TeachingRequest | None:
        """What is wanted of a teacher, None for none."""
        model = str(self.taught_by.currentData() or "")
        if not model:
            return None
        temperature, share = round(self.temperature.value(), 2), round(self.hard_share.value(), 2)
        return TeachingRequest(model, temperature, share, self.unlabelled.value())

    def set_models(self, models: Sequence[ModelChoice]) -> None:
        """Offers the models of the project; what is chosen stays chosen as long as it is there."""
        if tuple(models) != self._models:
            self._models = tuple(models)
            self._fill()

    def set_architecture(self, key: str) -> None:
        """Only a model of the same architecture can be begun with."""
        if key != self._architecture:
            self._architecture = key
            self._fill()

    def set_choice(
        self, start_from: str, pseudo: PseudoRequest | None, teaching: TeachingRequest | None
    ) -> None:
        """Shows another choice, also one that is not offered any more; `changed` is not sent."""
        with QSignalBlocker(self):
            asked = [wanted.model if wanted is not None else "" for wanted in (pseudo, teaching)]
            self._fill([start_from, *asked])
            if teaching is not None:
                self.temperature.setValue(teaching.temperature)
                self.hard_share.setValue(teaching.hard_share)
                self.unlabelled.setValue(teaching.most)
            if pseudo is not None:
                self.threshold.setValue(pseudo.threshold)
                self.most.setValue(pseudo.most)
                self.weight.setValue(pseudo.weight)
                self.balanced.setChecked(pseudo.balanced)
            self._write()

    def set_locked(self, locked: bool) -> None:
        """The choice of a run that is shown cannot be changed any more."""
        self._body.setEnabled(not locked)

    @property
    def _chosen(self) -> list[str]:
        return [str(combo.currentData() or "") for combo in (self.start, self.teacher, self.taught_by)]

    def _fill(self, wanted: Sequence[str | None] = (None, None, None)) -> None:
        known = {each.id: each for each in self._models}
        before = self._chosen
        combos = (self.start, self.teacher, self.taught_by)
        for combo, given, now in zip(combos, wanted, before, strict=True):
            chosen = now if given is None else given
            offered = [
                each for each in self._models
                if combo is not self.start or each.architecture == self._architecture
            ]  # fmt: skip
            with QSignalBlocker(combo):
                combo.clear()
                combo.addItem(self.tr("none"), "")
                for each in offered:
                    combo.addItem(each.name, each.id)
                    tip = f"{each.name} · {architecture_name(each.architecture)}"
                    combo.setItemData(combo.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
                if given and combo.findData(given) < 0:
                    combo.addItem(known[given].name if given in known else given, given)
                combo.setCurrentIndex(max(0, combo.findData(chosen)))
                combo.setEnabled(combo.count() > 1)
        self._write()
        if self._chosen != before:
            self.changed.emit()

    @Slot(bool)
    def _fold(self, on: bool) -> None:
        self._body.setVisible(on)
        if on:
            self.opened.emit()

    @Slot()
    def _edited(self) -> None:
        self._write()
        self.changed.emit()

    def retranslate(self) -> None:
        self.header.setText(self.tr("Earlier models"))
        for name, editor in self._editors.items():
            self._titles[name].setText(self.tr(_TITLES[name]))
            self._helps[name].setText(self.tr(_HELP[name]))
            editor.setAccessibleName(self.tr(_TITLES[name]))
            editor.setAccessibleDescription(self.tr(_HELP[name]))
        for combo in (self.start, self.teacher, self.taught_by):
            combo.setItemText(0, self.tr("none"))
        self._write()

    def _write(self) -> None:
        pseudo, teaching = self.pseudo, self.teaching
        for names, wanted in ((_OF_PSEUDO, pseudo), (_OF_TEACHER, teaching)):
            for name in names:
                for widget in (self._titles[name], self._editors[name], self._helps[name]):
                    widget.setVisible(wanted is not None)
        parts = []
        if self.start_from:
            parts.append(self.tr("from {name}").format(name=self.start.currentText()))
        if pseudo is not None:
            parts.append(self.tr("pseudo-labels"))
        if teaching is not None:
            parts.append(self.tr("teacher {name}").format(name=self.taught_by.currentText()))
        self.header.summary = " · ".join(parts) or self.tr("not used")
        self.header.setAccessibleName(f"{self.header.text()}: {self.header.summary}")
        self.header.update()

    def refresh_theme(self) -> None:
        self.header.update()
