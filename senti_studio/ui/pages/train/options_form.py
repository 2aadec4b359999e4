"""The folded groups of options under the architecture cards; one group is open at a time."""

from __future__ import annotations

from dataclasses import asdict, replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from senti_studio.domain.architectures import (
    ARCHITECTURES,
    default_options,
    epochs_of,
    has_automatic_epochs,
    has_presets,
    options_of,
    preset_options,
    with_encoder,
    with_other_defaults,
)
from senti_studio.domain.training_options import TrainingOptions, idle_options, largest_batch
from senti_studio.operations.encoders import defaults_like, usual_encoder
from senti_studio.ui.i18n import marked
from senti_studio.ui.pages.train.group_header import GroupHeader
from senti_studio.ui.pages.train.option_fields import OPTION_TEXTS, OptionField
from senti_studio.ui.pages.train.preset_row import PresetRow
from senti_studio.ui.theme import Theme

GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("key", marked("Key options"), ("linear_model", "epochs", "batch_size", "learning_rate")),
    (
        "network",
        marked("Network"),
        (
            "mix",
            "embedding_size",
            "hidden_size",
            "layers",
            "bidirectional",
            "pooling",
            "dropout",
            "variational",
        ),
    ),
    (
        "transfer",
        marked("Transfer"),
        ("freeze", "frozen_layers", "layer_decay", "reinit_layers", "lora_rank", "gradient_checkpointing"),
    ),
    (
        "text",
        marked("Text"),
        (
            "units",
            "ngrams",
            "max_length",
            "truncation",
            "windows",
            "window_overlap",
            "min_frequency",
            "own_words",
        ),
    ),
    ("spelling", marked("Spelling"), ("full_width", "simplified", "links", "user_names", "repeats")),
    ("vectors", marked("Word vectors"), ("vectors", "vectors_file", "vectors_frozen")),
    (
        "optimisation",
        marked("Optimisation"),
        (
            "optimiser",
            "schedule",
            "accumulation",
            "class_weights",
            "logit_adjustment",
            "loss",
            "label_smoothing",
            "averaging",
            "r_drop",
            "adversarial",
            "precision",
        ),
    ),
    ("stopping", marked("Stopping"), ("valid_share", "stop_on", "patience", "seed")),
)


class OptionsForm(QFrame):
    """All options of `TrainingOptions` that matter; the rest keep their defaults."""

    changed = Signal()
    opened = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("options")
        self.setProperty("card", True)
        self._theme = theme
        self._base = default_options(ARCHITECTURES[0])
        self._rows = 0
        self.fields: dict[str, OptionField] = {}
        self.headers: dict[str, GroupHeader] = {}
        self._bodies: dict[str, QWidget] = {}
        self._lines: dict[str, QFrame] = {}
        self._architecture = ARCHITECTURES[0]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        self.presets = PresetRow(theme, self)
        self.presets.chosen.connect(self._take_preset)
        layout.addWidget(self.presets)
        self._below_presets = _line(self)
        layout.addWidget(self._below_presets)
        for index, (key, _, names) in enumerate(GROUPS):
            if index:
                self._lines[key] = _line(self)
                layout.addWidget(self._lines[key])
            layout.addWidget(self._header(key))
            layout.addWidget(self._body(key, names))
        self.set_architecture(self._architecture)

    def _header(self, key: str) -> GroupHeader:
        header = GroupHeader(self._theme, self)
        header.setObjectName(f"group_{key}")
        header.toggled.connect(lambda on, key=key: self._fold(key, on))
        self.headers[key] = header
        return header

    def _body(self, key: str, names: tuple[str, ...]) -> QWidget:
        body = QWidget(self)
        rows = QVBoxLayout(body)
        rows.setContentsMargins(0, 0, 0, 8)
        rows.setSpacing(2)
        for name in names:
            field = OptionField(name, self._theme, body)
            field.changed.connect(self._edited)
            self.fields[name] = field
            field.set_value(getattr(self._base, name))
            rows.addWidget(field)
        body.setVisible(False)
        self._bodies[key] = body
        return body

    def _fold(self, key: str, on: bool) -> None:
        self._bodies[key].setVisible(on)
        if on:
            for other, header in self.headers.items():
                if other != key:
                    header.setChecked(False)
            self.opened.emit(key)

    @property
    def options(self) -> TrainingOptions:
        """What is set now."""
        values = {name: field.value for name, field in self.fields.items()}
        return replace(self._base, **values)  # type: ignore[arg-type]

    def set_options(self, options: TrainingOptions) -> None:
        """Shows other options; `changed` is sent once."""
        self._base = options
        for name, field in self.fields.items():
            field.blockSignals(True)
            field.set_value(getattr(options, name))
            field.blockSignals(False)
        self._edited()

    def set_rows(self, rows: int) -> None:
        """How many comments are learnt, 0 while nobody knows: of few a batch is smaller than was asked."""
        if rows != self._rows:
            self._rows = rows
            self._write_summaries()

    def set_architecture(self, key: str) -> None:
        """Shows the options that this architecture uses, with its defaults; the values stay as they are."""
        self._architecture = key
        used = set(options_of(key))
        self.fields["epochs"].set_automatic(has_automatic_epochs(key))
        for part in (self.presets, self._below_presets):
            part.setVisible(has_presets(key))
        self._show_used()
        self._set_defaults()
        for group, _, names in GROUPS:
            is_used = not used.isdisjoint(names)
            self.headers[group].setVisible(is_used)
            if group in self._lines:
                self._lines[group].setVisible(is_used)
            if not is_used:
                self.headers[group].setChecked(False)
        self._write_summaries()

    def _show_used(self) -> None:
        """What counts for nothing beside the other options is not shown: frozen layers where none is
        frozen."""
        used = frozenset(options_of(self._architecture)) - idle_options(asdict(self.options))
        for name, field in self.fields.items():
            field.setVisible(name in used)

    def _set_defaults(self) -> None:
        defaults = default_options(self._architecture, defaults_like(self.options.encoder))
        for name, field in self.fields.items():
            field.set_default(getattr(defaults, name))

    @Slot(str, str)
    def set_encoder(self, encoder: str, like: str = "") -> None:
        """Another encoder; what nobody has changed fits one that has learnt before, or one that has not.
        ``like``: what one that is not there yet is made from."""
        now = self.options
        if encoder != now.encoder:
            self._base = replace(self._base, encoder=encoder)
            self._set_defaults()
            like = defaults_like(like or encoder)
            self.set_options(with_encoder(now, self._architecture, encoder, like=like))

    def change_architecture(self, key: str) -> None:
        """As `set_architecture`; what nobody has changed goes from the old defaults to the new ones."""
        like = defaults_like(self.options.encoder)
        options = with_other_defaults(self.options, self._architecture, key, like=like)
        is_first = "encoder" not in options_of(self._architecture) and "encoder" in options_of(key)
        self.set_architecture(key)
        self.set_options(options)
        if is_first and options.encoder == TrainingOptions().encoder:
            self.set_encoder(usual_encoder())

    def set_locked(self, locked: bool) -> None:
        """Options cannot be edited while a run is being made from them."""
        for body in (*self._bodies.values(), self.presets):
            body.setEnabled(not locked)

    @Slot(str)
    def _take_preset(self, name: str) -> None:
        self.set_options(preset_options(self.options, name))

    @Slot()
    def _edited(self) -> None:
        if self._is_whole:
            self._show_used()
        self._write_summaries()
        self.changed.emit()

    def retranslate(self) -> None:
        for key, title, _ in GROUPS:
            self.headers[key].setText(self.tr(title))
        for field in self.fields.values():
            field.retranslate()
        self.presets.retranslate()
        self._write_summaries()

    @property
    def _is_whole(self) -> bool:
        """Not while the fields are being made."""
        return len(self.fields) == sum(len(names) for _, _, names in GROUPS)

    def _write_summaries(self) -> None:
        if not self._is_whole:
            return
        now = self.options
        self.presets.show_preset_of(now)
        self._write_batch(now)
        self._write_epochs(now)
        texts = {
            "key": self._key_summary(now),
            "network": self._network_summary(now),
            "transfer": self.tr(dict(OPTION_TEXTS["freeze"].choices)[now.freeze]),
            "optimisation": self._optimisation_summary(now),
            "text": self._text_summary(now),
            "spelling": self._spelling_summary(now),
            "vectors": self.tr(dict(OPTION_TEXTS["vectors"].choices)[now.vectors]),
            "stopping": self.tr("{patience} without gain").format(patience=now.patience),
        }
        for key, text in texts.items():
            header = self.headers[key]
            header.summary = text
            header.setAccessibleName(f"{header.text()}: {text}")
            header.update()

    def _key_summary(self, now: TrainingOptions) -> str:
        if "linear_model" in options_of(self._architecture):
            return self.tr(dict(OPTION_TEXTS["linear_model"].choices)[now.linear_model])
        if not now.epochs and not self._rows:
            return self.tr("automatic · batch {batch}").format(batch=self._batch(now))
        epochs = epochs_of(self._architecture, now, self._rows)
        if epochs == 1:
            return self.tr("one epoch · batch {batch}").format(batch=self._batch(now))
        return self.tr("{epochs} epochs · batch {batch}").format(epochs=epochs, batch=self._batch(now))

    def _write_epochs(self, now: TrainingOptions) -> None:
        note = self.tr("Automatic: few comments are read more often.")
        if self._rows:
            note = self.tr("Automatic: few comments are read more often; here {n} times.")
            if now.freeze == "body":
                note = self.tr(
                    "Automatic: few comments are read more often, a head alone five times as often; "
                    "here {n} times."
                )
            note = note.format(n=epochs_of(self._architecture, now, self._rows))
        self.fields["epochs"].set_note("" if now.epochs else note)

    def _batch(self, now: TrainingOptions) -> int:
        """The batch that will be learnt."""
        return min(now.batch_size, largest_batch(now, self._rows)) if self._rows else now.batch_size

    def _write_batch(self, now: TrainingOptions) -> None:
        smaller = self.tr("Few comments are learnt in smaller batches: here it will be {n}.")
        used = self._batch(now)
        self.fields["batch_size"].set_note(smaller.format(n=used) if used < now.batch_size else "")

    def _network_summary(self, now: TrainingOptions) -> str:
        if "encoder" in options_of(self._architecture):
            return self.tr("dropout {share}").format(share=f"{now.dropout:g}")
        if "layers" not in options_of(self._architecture):
            return self.tr("{hidden} filters of each width").format(hidden=now.hidden_size)
        if now.mix != "none":
            return self.tr(dict(OPTION_TEXTS["mix"].choices)[now.mix])
        return self.tr("{layers} × {hidden} · {directions}").format(
            hidden=now.hidden_size,
            layers=now.layers,
            directions=self.tr("two-way") if now.bidirectional else self.tr("one-way"),
        )

    def _optimisation_summary(self, now: TrainingOptions) -> str:
        words = [dict(OPTION_TEXTS[name].choices)[getattr(now, name)] for name in ("optimiser", "schedule")]
        return " · ".join(self.tr(each) for each in words)

    def _text_summary(self, now: TrainingOptions) -> str:
        if "encoder" in options_of(self._architecture):
            length = self.tr("{length} units").format(length=now.max_length)
            return length if now.max_length else self.tr("length automatic")
        if "units" not in options_of(self._architecture):
            return self.tr("seen {n} times or more").format(n=now.min_frequency)
        units = self.tr(next(words for key, words in OPTION_TEXTS["units"].choices if key == now.units))
        if not now.max_length:
            return self.tr("{units} · length automatic").format(units=units)
        return self.tr("{units} · {length} units").format(units=units, length=now.max_length)

    def _spelling_summary(self, now: TrainingOptions) -> str:
        names = next(names for key, _, names in GROUPS if key == "spelling")
        usual = default_options(self._architecture)
        changed = sum(getattr(now, name) != getattr(usual, name) for name in names)
        return self.tr("{n} changed").format(n=changed) if changed else self.tr("as usual")

    def refresh_theme(self) -> None:
        for field in self.fields.values():
            field.refresh_theme()
        for header in self.headers.values():
            header.update()


def _line(parent: QWidget) -> QFrame:
    line = QFrame(parent)
    line.setProperty("line", True)
    line.setFixedHeight(1)
    return line
