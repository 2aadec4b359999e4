"""Where the run stands: epoch, step, time, speed, memory, patience, and the buttons that steer it."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from senti_studio.domain.run_states import RunState
from senti_studio.jobs.protocol import Failed, Finished
from senti_studio.ui import formats
from senti_studio.ui.i18n import counted, marked
from senti_studio.ui.pages.train.encoders.run_line import RunEncoderLine
from senti_studio.ui.pages.train.history import RunHistory
from senti_studio.ui.pages.train.ladder import Ladder
from senti_studio.ui.pages.train.length_line import RunLengthLine
from senti_studio.ui.pages.train.patience_bars import PatienceBars
from senti_studio.ui.pages.train.run_words import state_chip
from senti_studio.ui.pages.train.standing_words import where_it_stands
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import Button, button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.chip import Chip
from senti_studio.ui.widgets.progress import progress_bar
from senti_studio.ui.widgets.styles import line, set_style, text_label

ROOM_OF_NAME = 180
"""Beside the chip; the whole name is the tip."""
BUTTONS_AROUND = 8 + 2 * 16 + 2
"""Between two buttons, beside them, and the frame."""


class StatusCard(Card):
    """Shows one run. Its signals are wishes; the presenter decides what happens."""

    pause_wanted = Signal()
    resume_wanted = Signal()
    stop_wanted = Signal()
    discard_wanted = Signal()
    force_wanted = Signal()
    evaluation_wanted = Signal()
    details_wanted = Signal()
    retry_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._theme = theme
        self._history: RunHistory | None = None
        self._ladder = Ladder()
        self._name = ""
        self.chip = Chip(theme)
        self.header.insertWidget(1, self.chip)
        self.body.setContentsMargins(16, 12, 16, 14)
        self.body.setSpacing(6)
        self._add_progress()
        self._add_figures()
        self.encoder = RunEncoderLine(self)
        self.length = RunLengthLine(self)
        for each in (self.encoder, self.length):
            self.body.addWidget(each)
        self._add_news()
        self._add_buttons()

    def _add_progress(self) -> None:
        row = QHBoxLayout()
        self.epoch = text_label(size="title", bold=True)
        self.step = text_label(role="second")
        row.addWidget(self.epoch)
        row.addStretch(1)
        row.addWidget(self.step)
        self.bar = progress_bar()
        self.body.addLayout(row)
        self.body.addWidget(self.bar)

    def _add_figures(self) -> None:
        self._figures: dict[str, tuple[QLabel, QLabel]] = {}
        grid = QGridLayout()
        grid.setContentsMargins(0, 8, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        places = (("elapsed", 0, 0), ("left", 0, 1), ("speed", 0, 2), ("memory", 1, 0), ("device", 1, 1))
        for name, row, column in places:
            title, value = text_label(role="hint", size="small"), text_label()
            span = 2 if name == "device" else 1
            grid.addWidget(title, row * 3, column, 1, span)
            grid.addWidget(value, row * 3 + 1, column, 1, span)
            value.setMinimumWidth(20)
            self._figures[name] = (title, value)
        grid.setRowMinimumHeight(2, 6)
        for column in range(3):
            grid.setColumnStretch(column, 1)
        self.body.addLayout(grid)

    def _add_news(self) -> None:
        """Patience or a sentence in one place, which is as high as the higher of the two: a card that grew
        or shrank at the end of a run would have the whole page laid out and its plots painted anew."""
        self._news = QStackedWidget()
        self._patience = QWidget()
        column = QVBoxLayout(self._patience)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(2)
        row = QHBoxLayout()
        self._patience_title = text_label(role="hint", size="small")
        self._bars = PatienceBars(self._theme)
        self._bars.setFixedHeight(6)
        row.setSpacing(8)
        row.addWidget(self._patience_title)
        row.addWidget(self._bars, 1)
        self._patience_words = text_label(role="second", size="small", wrap=True)
        column.addLayout(row)
        column.addWidget(self._patience_words)
        column.addStretch(1)
        self.sentence = text_label(role="second", size="small", wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.sentence.setContentsMargins(0, 6, 0, 0)
        self._news.addWidget(self._patience)
        self._news.addWidget(self.sentence)
        self._news.setMinimumHeight(6 + 3 * self.sentence.fontMetrics().lineSpacing())
        self.body.addWidget(self._news)

    def _add_buttons(self) -> None:
        make = self._button
        self.pause = make("pause", self.pause_wanted.emit)
        self._banner_leads = False
        self.resume = make("play", self.resume_wanted.emit, kind="primary")
        self.stop = make("stop", self.stop_wanted.emit, kind="primary")
        self.force = make("x", self.force_wanted.emit, kind="danger")
        self.evaluation = make("eval", self.evaluation_wanted.emit, kind="primary")
        self.retry = make("refresh", self.retry_wanted.emit, kind="primary")
        self.details = make(None, self.details_wanted.emit)
        self.discard = make("trash", self.discard_wanted.emit, kind="danger")
        self.discard.set_dense()
        row = QHBoxLayout()
        row.setContentsMargins(0, 8, 0, 0)
        row.setSpacing(8)
        for each in (
            self.pause,
            self.details,
            self.resume,
            self.stop,
            self.force,
            self.evaluation,
            self.retry,
        ):
            row.addWidget(each, 0 if each in (self.pause, self.details) else 1)
        self.body.addLayout(row)
        self._foot = QWidget()
        foot = QVBoxLayout(self._foot)
        foot.setContentsMargins(0, 6, 0, 0)
        foot.setSpacing(10)
        foot.addWidget(line())
        last = QHBoxLayout()
        self.hint = text_label(role="hint", size="small", wrap=True)
        last.addWidget(self.hint, 1)
        last.addWidget(self.discard)
        foot.addLayout(last)
        self.body.addWidget(self._foot)

    def _button(self, icon: str | None, slot: Callable[[], None], *, kind: str = "plain") -> Button:
        made = button(theme=self._theme, kind=kind, icon=icon)
        if icon is None:
            made.setProperty("iconOnly", "false")
        made.clicked.connect(slot)
        return made

    # --- what is shown ------------------------------------------------------------------------------------

    def show_run(self, name: str, history: RunHistory | None, ladder: Ladder) -> None:
        """Shows a run and how far its stopping got."""
        self._name, self._history, self._ladder = name, history, ladder
        self.refresh()

    def retranslate(self) -> None:
        self.encoder.retranslate()
        self.pause.setText(self.tr("Pause"))
        self.stop.setText(self.tr("Stop and keep best"))
        self.force.setText(self.tr("Force stop"))
        self.evaluation.setText(self.tr("Open evaluation"))
        self.retry.setText(self.tr("Try again…"))
        self.details.setText(self.tr("Details…"))
        self.resume.setText(self.tr("Go on"))
        self._patience_title.setText(self.tr("Patience"))
        # As wide in every state: a card that shrinks at the end of a run has the whole page laid out anew.
        rows = (
            (self.pause, self.stop),
            (self.details, self.resume),
            (self.details, self.retry),
            (self.resume, self.evaluation),
        )
        widest = max(sum(each.sizeHint().width() for each in row) for row in rows)
        self.setMinimumWidth(widest + BUTTONS_AROUND)
        self.refresh()

    def set_banner_leads(self, on: bool) -> None:
        """Whether a banner above offers to go on, with the filled button."""
        self._banner_leads = on
        self.refresh()

    def refresh(self) -> None:
        """Writes everything again from the run; cheap, called at most four times a second."""
        history = self._history
        if history is None:
            return
        layout = self.layout()
        assert layout is not None
        layout.setEnabled(False)  # one arrangement at the end, not one for each part that comes or goes
        try:
            self._write(history)
        finally:
            layout.setEnabled(True)
            layout.activate()

    def _write(self, history: RunHistory) -> None:
        metrics = self.title_label.fontMetrics()
        self.set_title(metrics.elidedText(self._name, Qt.TextElideMode.ElideRight, ROOM_OF_NAME))
        self.setAccessibleName(self._name)
        self.title_label.setToolTip(self._name)
        self._write_chip(history)
        self._write_progress(history)
        self._write_figures(history)
        self.length.show_run(history)
        self._write_patience(history)
        self._write_sentence(history)
        self._write_buttons(history)

    def _write_chip(self, history: RunHistory) -> None:
        terminal = history.status.terminal
        reason = terminal.reason if isinstance(terminal, Finished) else ""
        code = terminal.code if isinstance(terminal, Failed) else ""
        words, kind, icon = state_chip(
            history.state, reason=reason, code=code, is_silent=self._ladder.is_silent
        )
        self.chip.set_state(words, kind, icon=icon)

    def _write_progress(self, history: RunHistory) -> None:
        curves = history.curves
        total = max(1, round(curves.epochs))
        # An epoch that is whole is over, else the next one is at work.
        now = min(total, math.ceil(history.epoch_at_work) or int(curves.last_step > 0))
        self.epoch.setText(self.tr("Epoch {n} / {total}").format(n=now, total=total))
        started = history.status.started
        if started is not None and started.trials:
            self._write_trial(history, now, total)
            return
        steps = formats.number(curves.total_steps) if curves.total_steps else formats.MISSING
        self.step.setText(
            self.tr("step {n} / {total}").format(n=formats.number(curves.last_step), total=steps)
        )
        self._write_bar(history)

    def _write_trial(self, history: RunHistory, epoch: int, epochs: int) -> None:
        """Of a repeated training the trial at work stands first, and the bar counts trials."""
        started = history.status.started
        assert started is not None
        self.epoch.setText(self.tr("Trial {n} / {total}").format(n=started.trial, total=started.trials))
        self.step.setText(self.tr("Epoch {n} / {total}").format(n=epoch, total=epochs))
        self._write_bar(history)

    def _write_bar(self, history: RunHistory) -> None:
        waiting = history.state in (RunState.QUEUED, RunState.PREPARING) and history.share_done in (None, 0.0)
        if waiting:
            self.bar.setRange(0, 0)
        else:
            self.bar.setRange(0, 1000)
            self.bar.setValue(round((history.share_done or 0.0) * 1000))
        calm = history.state.is_active or history.state.has_model
        set_style(self.bar, "state", "" if calm else "paused")

    def _write_figures(self, history: RunHistory) -> None:
        progress, started = history.status.progress, history.status.started
        active = history.state.is_active
        left = progress.eta if progress is not None and active else None
        speed = formats.MISSING
        if progress is not None and active:
            speed = self.tr("{n} rows/s").format(n=formats.number(round(progress.rows_per_s)))
            if history.adapting is not None:
                speed = self.tr("{n} tok/s").format(n=formats.number(round(progress.tokens_per_s)))
        memory = progress.memory if progress is not None and active else history.peak_memory
        is_card = started is not None and started.device != "" and not started.device.startswith("cpu")
        texts = {
            "elapsed": (self.tr("Elapsed"), formats.duration(history.elapsed if progress else None)),
            "left": (self.tr("About left"), formats.duration(left)),
            "speed": (self.tr("Speed"), speed),
            "memory": (
                self.tr("Card memory") if is_card else self.tr("Memory"),
                formats.size(memory) if memory else formats.MISSING,
            ),
            "device": (
                self.tr("Device"),
                (started.device_name or started.device) if started else formats.MISSING,
            ),
        }
        for name, (title, value) in texts.items():
            self._figures[name][0].setText(title)
            metrics = self._figures[name][1].fontMetrics()
            room = 168 if name == "device" else 200
            self._figures[name][1].setText(metrics.elidedText(value, Qt.TextElideMode.ElideMiddle, room))
            self._figures[name][1].setToolTip(value)
            self._figures[name][1].setAccessibleName(f"{title} {value}")

    def _write_patience(self, history: RunHistory) -> None:
        used = history.without_gain
        total = history.patience
        if not total:
            return
        self._bars.set_used(used or 0, total)
        if used is None:
            words = self.tr("Appears with the first evaluation.")
        elif used:
            words = counted(
                used,
                marked("1 evaluation without gain; training stops by itself at {total}"),
                marked("{n} evaluations in a row without gain; training stops by itself at {total}"),
            )
        else:
            words = self.tr("The last evaluation was the best so far")
        self._patience_words.setText(words.format(n=used, total=total))

    def _write_sentence(self, history: RunHistory) -> None:
        words, role = where_it_stands(history, self._ladder)
        self.sentence.setText(words)
        self._news.setCurrentWidget(self.sentence if words else self._patience)
        set_style(self.sentence, "role", role)

    def _write_buttons(self, history: RunHistory) -> None:
        state, ladder = history.state, self._ladder
        active = state.is_active
        resumable = history.can_go_on and not ladder.wish and not ladder.is_gone
        self.pause.setVisible(active and not ladder.ends_in_force)
        self.stop.setVisible(active and not ladder.ends_in_force)
        self.force.setVisible(active and ladder.ends_in_force)
        for each in (self.pause, self.stop):
            each.setEnabled(not ladder.wish)
        self.stop.setText(self.tr("Stopping…") if ladder.wish == "stop" else self.tr("Stop and keep best"))
        self.resume.setVisible(resumable)
        # One filled button is enough.
        kind = "plain" if state.has_model or self._banner_leads else "primary"
        if kind != self.resume.property("kind"):
            self.resume.set_kind(kind)
        self.resume.setText(self.tr("Go on"))
        self.evaluation.setVisible(history.has_model or bool(history.made_encoder))
        is_reading = history.adapting is not None
        self.evaluation.setText(self.tr("Train on it") if is_reading else self.tr("Open evaluation"))
        self.evaluation.set_icon("play" if is_reading else "eval")
        is_over = state is RunState.FAILED or state is RunState.CANCELLED
        self.retry.setVisible(is_over and history.adapting is None)
        self.details.setVisible(state in (RunState.FAILED, RunState.INTERRUPTED))
        self.discard.setEnabled(ladder.wish != "cancel")
        self.discard.setText(self.tr("Stop and delete…") if active else self.tr("Delete…"))
        hint = ""
        if active and not ladder.wish:
            hint = self.tr("Pausing frees the memory")
        self.hint.setText(hint)
