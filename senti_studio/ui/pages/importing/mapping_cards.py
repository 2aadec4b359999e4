"""Right side of step 2: where the values of the label column and of the part column go."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QWidget

from senti_studio.domain.labels import Label
from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.importing import wording
from senti_studio.ui.pages.importing.plan import IGNORE, OPEN, PARTS, ImportPlan, Target, TargetKind, Use
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.marks import paint_mark
from senti_studio.ui.widgets.styles import set_style

_SHOWN = 50
_RATIO = 2


class StillCombo(QComboBox):
    """Deaf to the wheel: scrolling the cards must not change a choice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("dense", "true")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumContentsLength(6)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def wheelEvent(self, event: QEvent) -> None:
        event.ignore()


class _ValueCard(Card):
    """One row per value: value, count, combo; rows are rebuilt only when the values change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.combos: dict[str, StillCombo] = {}
        self._key: object = None
        self._grid = QGridLayout()
        self._grid.setContentsMargins(16, 10, 16, 10)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(3, 1)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        self.body.addLayout(self._grid)

    def build(self, values: Sequence[tuple[str, int]]) -> None:
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.combos.clear()
        for row, (value, count) in enumerate(values[:_SHOWN]):
            name = QLabel(self)
            shown = value if value.strip() else self.tr("(empty)")
            name.setText(self.fontMetrics().elidedText(shown, Qt.TextElideMode.ElideMiddle, 110))
            name.setTextFormat(Qt.TextFormat.PlainText)
            name.setToolTip(shown[:500])
            number = QLabel(formats.number(count), self)
            number.setProperty("role", "hint")
            arrow = QLabel("›", self)
            arrow.setProperty("role", "hint")
            combo = StillCombo(self)
            combo.setAccessibleName(shown[:60])
            self._grid.addWidget(name, row, 0)
            self._grid.addWidget(number, row, 1, Qt.AlignmentFlag.AlignRight)
            self._grid.addWidget(arrow, row, 2)
            self._grid.addWidget(combo, row, 3)
            self.combos[value] = combo


class MappingCard(_ValueCard):
    """Value of the label column → label of the project, a new label, or nothing."""

    target_chosen = Signal(str, object)
    all_new_asked = Signal()
    ignore_asked = Signal()

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = context.theme
        self.note = QLabel(self)
        self.note.setProperty("role", "warn")
        self.note.setWordWrap(True)
        self.note.setContentsMargins(16, 0, 16, 8)
        self.all_new = button(" ", kind="plain", theme=context.theme)
        self.ignore = button(" ", kind="plain", theme=context.theme)
        for one in (self.all_new, self.ignore):
            one.set_dense()
        self._acts = QWidget(self)
        acts = QHBoxLayout(self._acts)
        acts.setContentsMargins(16, 0, 16, 12)
        acts.setSpacing(8)
        acts.addWidget(self.all_new)
        acts.addWidget(self.ignore)
        acts.addStretch()
        self.body.addWidget(self.note)
        self.body.addWidget(self._acts)
        self.all_new.clicked.connect(self.all_new_asked)
        self.ignore.clicked.connect(self.ignore_asked)

    def show_plan(self, plan: ImportPlan, labels: Sequence[Label]) -> None:
        """Hidden where the file gives no labels."""
        column = plan.column(Use.LABEL)
        check = plan.check
        self.setVisible(plan.has_labels)
        if not plan.has_labels:
            return
        if column is None:
            name = self.tr("Question “{name}”").format(name=plan.preview.annotations[:16])
        else:
            name = self.tr("Column “{name}”").format(name=wording.column_names(plan.preview)[column][:16])
        self.set_title(self.tr("Labels of the file"), name)
        self.all_new.setText(self.tr("Make the values labels"))
        self.ignore.setText(self.tr("Ignore the rest"))
        too_many = plan.has_too_many_label_values
        values = check.label_values if check is not None and not too_many else ()
        key = (values, tuple(labels), plan.new_names, self._theme.mode, self.tr("Ignore"))
        if check is not None and key != self._key:
            self._key = key
            self.build(values)
            for value, combo in self.combos.items():
                self._fill(combo, value, labels, plan.new_names)
        for value, combo in self.combos.items():
            _choose(combo, plan.targets.get(value, OPEN))
        self.note.setVisible(too_many)
        if too_many and check is not None:
            text = self.tr("{count} different values: this does not look like a label column.")
            self.note.setText(text.format(count=formats.number(check.label_value_count)))
        self._acts.setVisible(bool(plan.open_values) and not too_many)

    def _fill(self, combo: StillCombo, value: str, labels: Sequence[Label], new_names: Sequence[str]) -> None:
        combo.addItem(self.tr("Choose…"), OPEN)
        for label in labels:
            combo.addItem(
                mark_icon(label.appearance, self._theme), label.name, Target(TargetKind.LABEL, label.key)
            )
        known = {label.name for label in labels}
        own = value.strip()
        fresh = dict.fromkeys(name for name in (*new_names, *([own] if own else [])) if name not in known)
        for name in fresh:
            combo.addItem(self.tr("New label “{name}”").format(name=name[:20]), Target(TargetKind.NEW, name))
        combo.addItem(self.tr("Ignore"), IGNORE)
        combo.activated.connect(
            lambda _index, which=value, box=combo: self.target_chosen.emit(which, box.currentData())
        )


class PartsCard(_ValueCard):
    """Value of the part column → training, validation, test."""

    part_chosen = Signal(str, str)

    def show_plan(self, plan: ImportPlan) -> None:
        """Hidden without a part column."""
        column, check = plan.column(Use.PART), plan.check
        self.setVisible(column is not None)
        if column is None:
            return
        name = self.tr("Column “{name}”").format(name=wording.column_names(plan.preview)[column][:16])
        self.set_title(self.tr("Parts of the file"), name)
        values = check.part_values if check is not None else ()
        key = (values, self.tr("Part for training"))
        if check is not None and key != self._key:
            self._key = key
            self.build(values)
            for value, combo in self.combos.items():
                for part in PARTS:
                    combo.addItem(wording.part_name(part), part)
                combo.activated.connect(
                    lambda _index, which=value, box=combo: self.part_chosen.emit(
                        which, str(box.currentData())
                    )
                )
        for value, combo in self.combos.items():
            combo.setCurrentIndex(max(0, combo.findData(plan.parts.get(value, ""))))


def _choose(combo: StillCombo, target: Target) -> None:
    for position in range(combo.count()):
        if combo.itemData(position) == target:
            combo.setCurrentIndex(position)
            break
    set_style(combo, "state", "error" if target.kind is TargetKind.OPEN else "")


def mark_icon(appearance: str, theme: Theme, size: int = 14) -> QIcon:
    """The shape of a label as an icon for combos."""
    picture = QPixmap(QSize(size * _RATIO, size * _RATIO))
    picture.setDevicePixelRatio(_RATIO)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint_mark(painter, QRectF(2, 2, size - 4, size - 4), appearance, theme)
    painter.end()
    return QIcon(picture)
