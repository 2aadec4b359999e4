"""What the training takes over from earlier models: weights to begin with, pseudo-labels."""

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
}


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
        self.start, self.teacher = QComboBox(self._body), QComboBox(self._body)
        self.threshold, self.weight = QDoubleSpinBox(self._body), QDoubleSpinBox(self._body)
        self.most, self.balanced = QSpinBox(self._body), QCheckBox(self._body)
        self._editors: dict[str, QComboBox | QDoubleSpinBox | QSpinBox | QCheckBox] = {
            "start": self.start, "teacher": self.teacher, "threshold": self.threshold, "most": self.most,
            "balanced": self.balanced, "weight": self.weight,
        }  # fmt: skip
        self._titles = {name: QLabel(self._body) for name in self._editors}
        self._helps = {name: text_label(role="hint", size="small", wrap=True) for name in self._editors}
        self._lay_out()
        usual = PseudoRequest("")
        for name in ("threshold", "most", "weight"):
            low, high = PSEUDO_RANGES[name]
            editor = self._editors[name]
            if isinstance(editor, QSpinBox):
                editor.setRange(int(low), int(high))
                editor.setGroupSeparatorShown(True)
                editor.setValue(usual.most)
            elif isinstance(editor, QDoubleSpinBox):
                editor.setRange(low, high)
                editor.setSingleStep(0.01 if name == "threshold" else 0.1)
                editor.setDecimals(3 if name == "threshold" else 2)
                editor.setValue(getattr(usual, name))
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

    def set_choice(self, start_from: str, pseudo: PseudoRequest | None) -> None:
        """Shows another choice, also one that is not offered any more; `changed` is not sent."""
        with QSignalBlocker(self):
            self._fill(start_from, pseudo.model if pseudo is not None else "")
            if pseudo is not None:
                self.threshold.setValue(pseudo.threshold)
                self.most.setValue(pseudo.most)
                self.weight.setValue(pseudo.weight)
                self.balanced.setChecked(pseudo.balanced)
            self._write()

    def set_locked(self, locked: bool) -> None:
        """The choice of a run that is shown cannot be changed any more."""
        self._body.setEnabled(not locked)

    def _fill(self, start: str | None = None, teacher: str | None = None) -> None:
        known = {each.id: each for each in self._models}
        wanted = ((self.start, start), (self.teacher, teacher))
        before = (self.start_from, str(self.teacher.currentData() or ""))
        for (combo, given), now in zip(wanted, before, strict=True):
            chosen = now if given is None else given
            offered = [
                each for each in self._models
                if combo is self.teacher or each.architecture == self._architecture
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
        if (self.start_from, str(self.teacher.currentData() or "")) != before:
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
        self.start.setItemText(0, self.tr("none"))
        self.teacher.setItemText(0, self.tr("none"))
        self._write()

    def _write(self) -> None:
        pseudo = self.pseudo
        for name in ("threshold", "most", "balanced", "weight"):
            for widget in (self._titles[name], self._editors[name], self._helps[name]):
                widget.setVisible(pseudo is not None)
        parts = []
        if self.start_from:
            parts.append(self.tr("from {name}").format(name=self.start.currentText()))
        if pseudo is not None:
            parts.append(self.tr("pseudo-labels"))
        self.header.summary = " · ".join(parts) or self.tr("not used")
        self.header.setAccessibleName(f"{self.header.text()}: {self.header.summary}")
        self.header.update()

    def refresh_theme(self) -> None:
        self.header.update()
