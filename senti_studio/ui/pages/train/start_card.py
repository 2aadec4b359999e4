"""Before the start: device, what is in the way, and the one button."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from senti_studio.domain.memory_forecast import MemoryForecast, fits
from senti_studio.messages import joined
from senti_studio.ui import formats
from senti_studio.ui.machine import Device
from senti_studio.ui.pages.train.plan_notes import PlanNotes
from senti_studio.ui.pages.train.plan_view import PlanView
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.styles import line, set_style, text_label


class StartCard(Card):
    """`start_wanted` for the filled button, which says what will happen."""

    start_wanted = Signal()
    label_wanted = Signal()
    anyway_toggled = Signal(bool)
    device_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._theme = theme
        self._plan: PlanView | None = None
        self._busy = False
        self._starting = False
        self._devices: tuple[Device, ...] = ()
        self._known = False
        self._is_refused = False
        self.body.setSpacing(8)
        self._device_title = text_label(role="hint", size="small")
        self.device = QComboBox()
        self.device.setObjectName("device")
        self.device.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.device.setMinimumContentsLength(10)
        self.device.activated.connect(self._choose_device)
        self._device_note = text_label(role="hint", size="small", wrap=True)
        self.memory = text_label(role="hint", size="small", wrap=True)
        self._need: MemoryForecast | None = None
        self._device_title.setBuddy(self.device)
        self.start = button(theme=theme, kind="primary", icon="play")
        self.start.set_large()
        self.start.setObjectName("start")
        self.start.clicked.connect(self.start_wanted)
        self.to_label = button(theme=theme)
        self.to_label.clicked.connect(self.label_wanted)
        self.anyway = QCheckBox()
        self.anyway.setObjectName("anyway")
        self.anyway.toggled.connect(self.anyway_toggled)
        self.notes = PlanNotes(theme)
        self._hint = text_label(role="hint", size="small", wrap=True)
        for widget in (self._device_title, self.device, self._device_note, self.memory):
            self.body.addWidget(widget)
        self.body.addSpacing(4)
        self.body.addWidget(self.notes)
        self.body.addWidget(self.anyway)
        self.body.addWidget(self.start)
        self.body.addWidget(self.to_label)
        self.body.addWidget(line())
        self.body.addWidget(self._hint)

    @property
    def chosen_device(self) -> str:
        return str(self.device.currentData() or "auto")

    def set_devices(self, devices: Sequence[Device], *, is_known: bool, chosen: str) -> None:
        """Fills the list; until the machine is known only *automatic* is offered."""
        self._devices, self._known = tuple(devices), is_known
        self.device.clear()
        self.device.addItem(self.tr("Automatic"), "auto")
        for device in devices:
            name = self.tr("Processor") if device.key == "cpu" else device.name
            if device.is_several:
                name = self.tr("All cards: {names}").format(names=device.name)
            if device.key != "cpu" and device.memory_total:
                name += f" · {formats.size(device.memory_total)}"
            self.device.addItem(name, device.key)
            hint = device.name
            if device.is_several:
                hint = self.tr(
                    "Each card learns a share of every batch. It pays with long comments and large nets."
                )
            self.device.setItemData(self.device.count() - 1, hint, Qt.ItemDataRole.ToolTipRole)
        self.device.setCurrentIndex(max(0, self.device.findData(chosen)))
        self._write_device_note()
        self._write_need()

    @Slot()
    def _choose_device(self) -> None:
        self._write_need()
        self.device_chosen.emit(self.chosen_device)

    def show_need(self, need: MemoryForecast | None) -> None:
        """About how much memory the training would take; None as long as nothing is known of the texts."""
        self._need = need
        self._write_need()

    def _write_need(self) -> None:
        self.memory.setVisible(self._need is not None)
        if self._need is None:
            return
        key = self.chosen_device
        best = next((each for each in self._devices if key in ("auto", each.key)), None)
        needed = self._need.of(best.key if best is not None else key)
        total = best.memory_total if best is not None else 0
        words = self.tr("Needs about {needed} of memory.")
        if total > 0:
            words = self.tr("Needs about {needed} of {total} of memory.")
        if not fits(needed, total):
            words = joined(
                words,
                self.tr(
                    "That is too much: a smaller batch or shorter comments help; else batches will be halved."
                ),
            )
        self.memory.setText(words.format(needed=formats.size(needed), total=formats.size(total)))
        set_style(self.memory, "role", "hint" if fits(needed, total) else "warn")

    def _write_device_note(self) -> None:
        if not self._known:
            words = self.tr("Looking for graphics cards…")
        elif any(device.is_graphics_card for device in self._devices):
            words = self.tr("A graphics card is used when there is one.")
        else:
            words = self.tr(
                "No graphics card found; LSTM, GRU and small encoders train well on the processor."
            )
        self._device_note.setText(words)

    def show_plan(self, plan: PlanView | None) -> None:
        """None while the plan is being worked out."""
        if plan is None or self._plan is None or plan.problem != self._plan.problem:
            self._is_refused = False
        self._plan = plan
        self._write()

    def refuse(self) -> None:
        """The user asked for a start that is not possible: what is in the way becomes an error."""
        self._is_refused = True
        self._write()

    def set_busy(self, *, busy: bool, starting: bool) -> None:
        """``busy``: another run is at work, a new one waits its turn; ``starting``: just being made."""
        self._busy, self._starting = busy, starting
        self._write()

    @property
    def may_start(self) -> bool:
        return self._plan is not None and self._plan.may_start and not self._starting

    def _write(self) -> None:
        plan = self._plan
        self.start.setEnabled(self.may_start)
        self.start.setText(self.tr("Add to queue") if self._busy else self.tr("Start training"))
        if self._starting:
            self.start.setText(self.tr("Freezing the comments…"))
        problem = plan.problem[0] if plan is not None and plan.problem is not None else ""
        self.to_label.setVisible(bool(problem) and not problem.startswith("ENCODER_"))
        is_small = plan is not None and plan.problem is not None and plan.problem[0] == "CLASS_TOO_SMALL"
        self.anyway.setVisible(is_small or self.anyway.isChecked())
        self.notes.show_plan(plan, is_refused=self._is_refused)

    def retranslate(self) -> None:
        self.set_title(self.tr("New training"))
        self._device_title.setText(self.tr("Device"))
        self.device.setAccessibleName(self.tr("Device"))
        self.to_label.setText(self.tr("Label comments"))
        self.anyway.setText(self.tr("Train all the same"))
        self._hint.setText(
            self.tr("Training goes on when the window is closed. The best state is kept whenever it stops.")
        )
        self.start.setToolTip(self.tr("Start training") + " (Ctrl+Enter)")
        self.set_devices(self._devices, is_known=self._known, chosen=self.chosen_device)
        self._write()

    def refresh_theme(self) -> None:
        self._write()
