"""One hyper-parameter on the page: name, editor, reset to the default, a sentence of help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QPlainTextEdit,
    QSpinBox,
    QToolButton,
    QWidget,
)

from senti_studio.domain.training_options import RANGES, TrainingOptions
from senti_studio.messages import joined
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import marked
from senti_studio.ui.icons import icon
from senti_studio.ui.pages.train.architecture_texts import ARCHITECTURE_TEXTS
from senti_studio.ui.pages.train.optimisation_texts import OPTIMISATION_TEXTS
from senti_studio.ui.pages.train.option_text import OptionText
from senti_studio.ui.pages.train.path_box import PathBox
from senti_studio.ui.pages.train.reading_texts import READING_TEXTS
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.no_wheel import NoWheel

Value = int | float | bool | str

DEFAULTS: dict[str, Value] = {
    each.name: getattr(TrainingOptions(), each.name) for each in fields(TrainingOptions)
}


OPTION_TEXTS: dict[str, OptionText] = {
    "epochs": OptionText(
        marked("Epochs"),
        marked(
            "How often the training part is read from end to end; more helps only until the curve is flat."
        ),
        zero=marked("Automatic"),
    ),
    "batch_size": OptionText(
        marked("Batch size"), marked("Comments per step. Larger is faster and needs more memory.")
    ),
    "learning_rate": OptionText(
        marked("Learning rate"),
        marked("Length of each step. Halve it when the loss jumps, double it when the loss hardly falls."),
        decimals=6,
    ),
    "embedding_size": OptionText(
        marked("Embedding size"), marked("Numbers that stand for one word. Small data does well with 64–128.")
    ),
    "hidden_size": OptionText(
        marked("Hidden size"),
        marked("Memory of the network per direction, or filters of each width. Larger takes longer."),
    ),
    "layers": OptionText(
        marked("Layers"), marked("Networks stacked on one another. One is enough for comments as a rule.")
    ),
    "bidirectional": OptionText(
        marked("Read in both directions"),
        marked("Also reads each comment from its end; better, at twice the time."),
    ),
    "dropout": OptionText(
        marked("Dropout"),
        marked("Share of signals left out while learning, so that nothing is learnt by heart."),
        step=0.05,
    ),
    "units": OptionText(
        marked("Units"),
        marked("What the network reads: words from segmentation, single characters, or both side by side."),
        (("words", marked("Words")), ("characters", marked("Single characters")), ("both", marked("Both"))),
    ),
    "min_frequency": OptionText(
        marked("Least frequency"), marked("Words seen less often than this count as unknown.")
    ),
    "patience": OptionText(
        marked("Patience"),
        marked("Evaluations without gain after which training stops by itself and keeps the best."),
    ),
    "valid_share": OptionText(
        marked("Validation share"),
        marked("Part of the labelled comments that only measures progress."),
        step=0.05,
    ),
    "seed": OptionText(
        marked("Seed"), marked("Same seed, same data, same options: the same result on a processor.")
    ),
    **ARCHITECTURE_TEXTS,
    **OPTIMISATION_TEXTS,
    **READING_TEXTS,
}


EDITOR_WIDTH = 100
_INNER_WIDTH, _GAP, _AROUND_CHOICE, _AROUND_NUMBER = 252, 4, 44, 46
"""Of a field in the left column of the page, and what stands around the words of a choice and of a number."""


class _PlainDouble(QDoubleSpinBox):
    """Shows 0.002 rather than 0.002000; a step changes a small number by about a tenth."""

    def textFromValue(self, value: float) -> str:
        return f"{value:.6f}".rstrip("0").rstrip(".") or "0"


class _OpenDouble(_PlainDouble):
    """The smallest value is more than a number, and nothing lies between it and 0."""

    def stepBy(self, steps: int) -> None:
        """Always by way of 0."""
        before, step = self.value(), self.singleStep()
        if before < 0 < steps:
            self.setValue((steps - 1) * step)
        elif before + steps * step < 0:
            self.setValue(0.0 if before > 0 else self.minimum())
        else:
            super().stepBy(steps)

    def textFromValue(self, value: float) -> str:
        # A screen reader is told this, and not the word that stands in the box.
        return self.specialValueText() if value < 0 else super().textFromValue(value)

    def valueFromText(self, text: str) -> float:
        typed = super().valueFromText(text)
        return typed if typed >= 0 else self.minimum()


@dataclass(frozen=True, slots=True)
class _Editor:
    widget: QWidget
    get: Callable[[], Value]
    put: Callable[[Value], None]


class OptionField(QWidget):
    """Edits one option; `changed` after every edit."""

    changed = Signal()

    def __init__(self, name: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.name = name
        self._theme = theme
        self._text = OPTION_TEXTS[name]
        self._default = DEFAULTS[name]
        self._note = ""
        self._has_zero = True
        self._editor = self._make_editor()
        editor = self._editor.widget
        if not isinstance(editor, QPlainTextEdit | PathBox):
            editor.setFixedWidth(24 if isinstance(editor, QCheckBox) else EDITOR_WIDTH)
        editor.setObjectName(f"option_{name}")
        editor.installEventFilter(NoWheel(editor))
        editor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.title = QLabel(self)
        self.title.setBuddy(editor)
        self.reset_button = QToolButton(self, autoRaise=True)
        self.reset_button.setProperty("kind", "quiet")
        self.reset_button.setFixedSize(24, 24)
        self.reset_button.clicked.connect(self.reset)
        self.help = QLabel(self, wordWrap=True)
        self.help.setFont(font("small"))
        self.help.setProperty("role", "hint")
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(12, 6, 12, 6)
        grid.setHorizontalSpacing(_GAP)
        grid.setVerticalSpacing(2)
        grid.addWidget(self.title, 0, 0)
        grid.addWidget(self.reset_button, 0, 1)
        if isinstance(editor, QPlainTextEdit | PathBox):
            grid.addWidget(editor, 2, 0, 1, 3)
        else:
            grid.addWidget(editor, 0, 2)
        grid.addWidget(self.help, 1, 0, 1, 3)
        grid.setColumnStretch(0, 1)
        self.refresh_theme()
        self._show_reset()

    def _make_editor(self) -> _Editor:
        default = DEFAULTS[self.name]
        if self._text.choices:
            return self._combo()
        if isinstance(default, bool):
            box = QCheckBox(self)
            box.toggled.connect(self._edited)
            return _Editor(box, box.isChecked, lambda value: box.setChecked(bool(value)))
        if self._text.is_file:
            box_of_path = PathBox(self)
            box_of_path.changed.connect(self._edited)
            return _Editor(
                box_of_path, lambda: box_of_path.path, lambda value: box_of_path.set_path(str(value))
            )
        if isinstance(default, str):
            return self._text_box()
        low, high = RANGES[self.name]
        if isinstance(default, int):
            whole = QSpinBox(self)
            whole.setRange(int(low), int(high))
            whole.setStepType(QSpinBox.StepType.AdaptiveDecimalStepType)
            whole.setGroupSeparatorShown(True)
            whole.valueChanged.connect(self._edited)
            return _Editor(whole, whole.value, lambda value: whole.setValue(int(value)))
        part = _OpenDouble(self) if self._text.zero else _PlainDouble(self)
        part.setDecimals(self._text.decimals)
        part.setRange(low, high)
        if self._text.step:
            part.setSingleStep(self._text.step)
        else:
            part.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        part.valueChanged.connect(self._edited)
        return _Editor(part, part.value, lambda value: part.setValue(float(value)))

    def _text_box(self) -> _Editor:
        box = QPlainTextEdit(self)
        box.setFixedHeight(66)
        box.setTabChangesFocus(True)
        box.textChanged.connect(self._edited)

        def put(value: Value) -> None:
            if value != box.toPlainText():  # the place of the cursor goes with it
                box.setPlainText(str(value))

        return _Editor(box, box.toPlainText, put)

    def _combo(self) -> _Editor:
        combo = QComboBox(self)
        for key, _ in self._text.choices:
            combo.addItem(key, key)
        combo.currentIndexChanged.connect(self._edited)

        def put(value: Value) -> None:
            combo.setCurrentIndex(max(0, combo.findData(value)))

        return _Editor(combo, lambda: str(combo.currentData()), put)

    @property
    def value(self) -> Value:
        """The value as `TrainingOptions` takes it."""
        return self._editor.get()

    def set_value(self, value: Value) -> None:
        self._editor.put(value)
        self._show_reset()

    def set_automatic(self, on: bool) -> None:
        """Whether 0 stands for something where it does so for some architectures only."""
        if isinstance(self._editor.widget, QSpinBox):
            self._has_zero = on
            self._editor.widget.setMinimum(0 if on else 1)
            self._write_zero()

    def set_default(self, value: Value) -> None:
        """What the button goes back to: architectures have defaults of their own."""
        self._default = value
        self._show_reset()
        self._write_tips()

    @Slot()
    def reset(self) -> None:
        """Back to the default."""
        self.set_value(self._default)
        self._editor.widget.setFocus()

    @Slot()
    def _edited(self) -> None:
        self._show_reset()
        self.changed.emit()

    def _show_reset(self) -> None:
        if hasattr(self, "reset_button"):
            policy = self.reset_button.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            self.reset_button.setSizePolicy(policy)
            self.reset_button.setVisible(self.value != self._default)

    def set_note(self, text: str) -> None:
        """What is to be known of this option now, behind the sentence about it; "" for nothing."""
        if text != self._note:
            self._note = text
            self._write_help()

    def _write_help(self) -> None:
        self.help.setText(joined(self.tr(self._text.help), self._note))
        # Not left to the layouts: those of a folded group keep the height of the text before.
        self.help.setMinimumHeight(0)  # else it is never less than it was
        self.help.setFixedHeight(self.help.heightForWidth(_INNER_WIDTH))

    def retranslate(self) -> None:
        self.title.setText(self.tr(self._text.title))
        self._write_help()
        self._write_zero()
        if isinstance(self._editor.widget, PathBox):
            self._editor.widget.retranslate()
        editor = self._editor.widget
        editor.setAccessibleName(self.title.text())
        editor.setAccessibleDescription(self.help.text())
        if isinstance(editor, QComboBox):
            for index, (_, words) in enumerate(self._text.choices):
                editor.setItemText(index, self.tr(words))
            self._place_choices(editor)
        self._write_tips()

    def _write_zero(self) -> None:
        box = self._editor.widget
        if self._text.zero and isinstance(box, QSpinBox | QDoubleSpinBox):
            words = self.tr(self._text.zero) if self._has_zero else ""
            box.setSpecialValueText(words)
            wide = box.fontMetrics().horizontalAdvance(words)
            box.setFixedWidth(max(EDITOR_WIDTH, wide + _AROUND_NUMBER))

    def _place_choices(self, combo: QComboBox) -> None:
        """Beside the title as wide as its words, or below it where that is too wide."""
        metrics = combo.fontMetrics()
        longest = max(metrics.horizontalAdvance(combo.itemText(at)) for at in range(combo.count()))
        room = _INNER_WIDTH - self.title.sizeHint().width() - self.reset_button.width() - 2 * _GAP
        wanted = max(EDITOR_WIDTH, longest + _AROUND_CHOICE)
        self._grid.removeWidget(combo)
        if wanted <= room:
            combo.setFixedWidth(wanted)
            self._grid.addWidget(combo, 0, 2)
        else:
            combo.setFixedWidth(_INNER_WIDTH)
            self._grid.addWidget(combo, 2, 0, 1, 3)

    def _write_tips(self) -> None:
        editor, default = self._editor.widget, self._default
        tip = self.tr("Default: {value}").format(value=self._default_text(default))
        if self.name in RANGES:
            low, high = RANGES[self.name]
            low = max(0 if self._has_zero else 1, low) if self._text.zero else low
            tip = self.tr("{low} to {high}").format(low=f"{low:,g}", high=f"{high:,.10g}") + "\n" + tip
        editor.setToolTip(tip)
        self.reset_button.setToolTip(
            self.tr("Back to the default ({value})").format(value=self._default_text(default))
        )
        self.reset_button.setAccessibleName(self.reset_button.toolTip())

    def _default_text(self, default: Value) -> str:
        if isinstance(default, bool):
            return self.tr("on") if default else self.tr("off")
        if isinstance(default, str):
            return next((self.tr(words) for key, words in self._text.choices if key == default), default)
        if self._text.zero and self._has_zero and default == RANGES[self.name][0]:
            return self.tr(self._text.zero)
        return f"{default:,g}"

    def refresh_theme(self) -> None:
        self.reset_button.setIcon(icon("undo", self._theme, token="text2", size=14))
