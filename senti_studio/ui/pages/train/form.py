"""The left column: what the next training is to be, or what the training that is shown was told to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, QSignalBlocker, Signal, Slot

from senti_studio.domain.architectures import preset_of, with_other_defaults
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.teaching import TeachingRequest
from senti_studio.domain.transfer import PseudoRequest
from senti_studio.operations.encoders import going_on
from senti_studio.ui.pages.train.architecture_cards import ArchitectureCards
from senti_studio.ui.pages.train.options_form import OptionsForm
from senti_studio.ui.pages.train.plan_card import PlanCard
from senti_studio.ui.pages.train.repetition_group import RepetitionGroup
from senti_studio.ui.pages.train.start_card import StartCard
from senti_studio.ui.pages.train.transfer_group import TransferGroup
from senti_studio.ui.pages.train.waiting import Wish


class Form(QObject):
    """Keeps the wish of the user while the options of a run are shown in its place."""

    changed = Signal(object)
    """`Wish`: the user set something for the next training."""
    left = Signal()
    """The user chose a network while a run was shown: the next training is wanted."""

    def __init__(
        self,
        architectures: ArchitectureCards,
        repetition: RepetitionGroup,
        transfer: TransferGroup,
        options: OptionsForm,
        start: StartCard,
        plan: PlanCard,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._architectures, self._options, self._start = architectures, options, start
        self._repetition, self._plan, self._transfer = repetition, plan, transfer
        self._kept: Wish | None = None
        self._rows = 0
        architectures.chosen.connect(self._choose)
        options.changed.connect(self.tell)
        options.changed.connect(self._show_preset)
        repetition.changed.connect(self.tell)
        transfer.changed.connect(self.tell)
        plan.group_chosen.connect(self.tell)
        start.device_chosen.connect(self.tell)
        start.anyway_toggled.connect(self.tell)

    @property
    def wish(self) -> Wish:
        """What the next training is to be."""
        return self._kept if self._kept is not None else self._on_screen()

    def set_wish(self, wish: Wish) -> None:
        """Puts other options into the form."""
        if self._kept is not None:
            self._kept = wish
        else:
            self._fill(wish.architecture, wish)

    def set_rows(self, rows: int) -> None:
        """How many comments the next training would learn from."""
        self._rows = rows
        if self._kept is None:
            self._options.set_rows(rows)

    def set_own_words(self, words: str) -> None:
        """What the last training of a project had; the other options do not depend on it."""
        wish = self.wish
        self.set_wish(replace(wish, options=replace(wish.options, own_words=words)))

    def show_run(self, spec: TrainingSpec | None, *, adapts: bool = False) -> None:
        """Shows what a run was told, which cannot be changed any more; no options are shown of one whose spec
        is unknown, nor of an adaptation, which has others."""
        if self._kept is None:
            self._kept = self._on_screen()
        self._show_options(on=spec is not None)
        if adapts:
            with QSignalBlocker(self._architectures):
                self._architectures.choose("bert")
        self._options.set_locked(True)
        self._repetition.set_locked(True)
        self._transfer.set_locked(True)
        if spec is not None:
            self._options.set_rows(spec.data.rows.get("train", 0))
            self._fill(
                spec.architecture,
                Wish(
                    spec.architecture,
                    spec.options,
                    repetition=spec.repetition,
                    group_column=spec.data.group_column,
                    start_from=spec.start.id if spec.start is not None else "",
                    pseudo=request_of(spec),
                    teaching=teaching_of(spec),
                ),
            )

    def _show_options(self, *, on: bool) -> None:
        for group in (self._options, self._repetition, self._transfer):
            group.setVisible(on)

    def show_wish(self) -> None:
        """Shows what the next training is to be."""
        kept, self._kept = self._kept, None
        self._show_options(on=True)
        self._options.set_locked(False)
        self._repetition.set_locked(False)
        self._transfer.set_locked(False)
        self._options.set_rows(self._rows)
        if kept is not None:
            self._fill(kept.architecture, kept)
        self.tell()

    def take(self, options: Mapping[str, object]) -> None:
        """Changes some options of the next training."""
        wish = self.wish
        self.set_wish(replace(wish, options=going_on(wish.options, wish.architecture, options)))
        self.tell()

    @Slot()
    def tell(self) -> None:
        """Sends `changed` with the wish of the moment."""
        self.changed.emit(self.wish)

    @Slot()
    def _show_preset(self) -> None:
        self._architectures.set_preset(preset_of(self._options.options))

    def _on_screen(self) -> Wish:
        start = self._start
        return Wish(
            self._architectures.current,
            self._options.options,
            start.chosen_device,
            start.anyway.isChecked(),
            self._repetition.repetition,
            self._plan.group_column,
            self._transfer.start_from,
            self._transfer.pseudo,
            self._transfer.teaching,
        )

    def _fill(self, architecture: str, wish: Wish) -> None:
        with QSignalBlocker(self._architectures), QSignalBlocker(self._options):
            self._architectures.choose(architecture)
            self._options.set_architecture(architecture)
            self._repetition.set_repetition(wish.repetition)
            self._options.set_options(wish.options)
            self._plan.set_group_column(wish.group_column)
            self._transfer.set_architecture(architecture)
            self._transfer.set_choice(wish.start_from, wish.pseudo, wish.teaching)
        self._show_preset()

    @Slot(str)
    def _choose(self, architecture: str) -> None:
        if self._kept is None:
            self._transfer.set_architecture(architecture)
            self._options.change_architecture(architecture)
            return
        options = with_other_defaults(self._kept.options, self._kept.architecture, architecture)
        self._kept = replace(self._kept, architecture=architecture, options=options, start_from="")
        self.left.emit()


def request_of(spec: TrainingSpec) -> PseudoRequest | None:
    """What the training of a spec wanted of pseudo-labels."""
    asked = spec.pseudo
    if asked is None:
        return None
    return PseudoRequest(asked.model.id, asked.threshold, asked.most, asked.weight, asked.balanced)


def teaching_of(spec: TrainingSpec) -> TeachingRequest | None:
    """What the training of a spec wanted of a teacher."""
    asked = spec.teaching
    if asked is None:
        return None
    return TeachingRequest(asked.model.id, asked.temperature, asked.hard_share, asked.most)
