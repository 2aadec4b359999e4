"""How a comment is explained: by integrated gradients, or by where the net looks, layer by layer, head by
head."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget

from senti_studio.domain.explaining import ROLLOUT, Attention
from senti_studio.ui.i18n import tr
from senti_studio.ui.reasons.desk import Looking
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.no_wheel import NoWheel
from senti_studio.ui.widgets.segmented import Segmented

_ATTENTION = 1


class HowBar(QWidget):
    """`changed` when the user wants another explanation: `looking` says which, None: integrated gradients."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.how = Segmented(("", ""), theme=theme)
        self.layers, self.heads = QComboBox(), QComboBox()
        self._layers: tuple[str, ...] = ()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.how)
        wheel = NoWheel(self)
        for combo in (self.layers, self.heads):
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            combo.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            combo.installEventFilter(wheel)
            row.addWidget(combo)
            combo.hide()
        self.how.changed.connect(self._choose)
        self.layers.activated.connect(self._choose_layer)
        self.heads.activated.connect(self._choose)

    @property
    def looking(self) -> Looking | None:
        """What is chosen."""
        if self.how.index != _ATTENTION:
            return None
        return Looking(str(self.layers.currentData() or ""), int(self.heads.currentData() or 0))

    def retranslate(self) -> None:
        self.how.set_texts((tr("Integrated gradients"), tr("Attention")))
        self.how.setToolTip(
            tr("Integrated gradients: what each word adds to the score. Attention: where the net looks.")
        )
        self.layers.setAccessibleName(tr("Layer"))
        self.heads.setAccessibleName(tr("Attention head"))
        self._fill_layers(self._layers, str(self.layers.currentData() or ""))
        self._fill_heads(max(0, self.heads.count() - 1), int(self.heads.currentData() or 0))

    def show_looking(self, looking: Looking | None, attention: Attention | None) -> None:
        """What the desk is asked, and what the net has to choose from once it has answered."""
        is_attention = looking is not None
        self.how.set_index(int(is_attention))
        if attention is not None:
            self._fill_layers(attention.layers, attention.layer)
            self._fill_heads(attention.heads, attention.head)
        elif looking == Looking():  # another model: it has not said yet what it has
            self._fill_layers((), "")
            self._fill_heads(0, 0)
        self.layers.setVisible(is_attention and self.layers.count() > 1)
        self.heads.setVisible(is_attention and self.heads.count() > 1)

    def _fill_layers(self, layers: Sequence[str], chosen: str) -> None:
        self._layers = tuple(layers)
        _fill(self.layers, [(layer, layer_name(layer)) for layer in layers], chosen)

    def _fill_heads(self, heads: int, chosen: int) -> None:
        named = [(number, tr("Head {number}").format(number=number)) for number in range(1, heads + 1)]
        _fill(self.heads, [(0, tr("Mean of all heads")), *named] if heads else [], chosen)

    @Slot()
    def _choose_layer(self) -> None:
        if not str(self.layers.currentData()).isdecimal():
            self.heads.setCurrentIndex(0)  # all layers together have no heads
        self.changed.emit()

    @Slot()
    def _choose(self) -> None:
        self.changed.emit()


def layer_name(layer: str) -> str:
    """What people call a name of `Attention.layers`."""
    if layer.isdecimal():
        return tr("Layer {number}").format(number=layer)
    names = {ROLLOUT: tr("All layers (rollout)"), "words": tr("Words"), "characters": tr("Single characters")}
    return names.get(layer, layer)


def _fill(combo: QComboBox, items: Sequence[tuple[object, str]], chosen: object) -> None:
    if [(combo.itemData(place), combo.itemText(place)) for place in range(combo.count())] != list(items):
        combo.clear()
        for value, text in items:
            combo.addItem(text, value)
    combo.setCurrentIndex(max(0, combo.findData(chosen)))
